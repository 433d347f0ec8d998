# Descriptions of machines, and a bundle with one. The archive is written by .NET, not by us.

function Get-VmxText([string] $Disk = 'web01.vmdk') {
    @"
.encoding = "UTF-8"
config.version = "8"
displayName = "web01"
guestOS = "windows2019srvnext-64"
firmware = "efi"
uefi.secureBoot.enabled = "TRUE"
numvcpus = "8"
cpuid.coresPerSocket = "4"
memSize = "16384"
uuid.bios = "56 4d 6c 27 96 ea 12 07-6f 0b b1 1d 81 46 9b 0b"
scsi0.present = "TRUE"
scsi0.virtualDev = "pvscsi"
scsi0:0.present = "TRUE"
scsi0:0.fileName = "$Disk"
sata0:0.present = "TRUE"
sata0:0.deviceType = "cdrom-image"
sata0:0.fileName = "windows.iso"
ethernet0.present = "TRUE"
ethernet0.virtualDev = "vmxnet3"
ethernet0.networkName = "VM Network"
ethernet0.generatedAddress = "00:0c:29:46:9b:0b"
"@
}

# The disks in the order of their addresses.
function Get-OvfText([string[]] $Disk) {
    $references = $disks = $items = ''
    for ($i = 0; $i -lt $Disk.Count; $i++) {
        $references += "<File ovf:href=`"$($Disk[$i])`" ovf:id=`"file$i`"/>"
        $disks += "<Disk ovf:capacity=`"128`" ovf:capacityAllocationUnits=`"byte * 2^20`" ovf:diskId=`"disk$i`" ovf:fileRef=`"file$i`"/>"
        $items += "<Item><rasd:AddressOnParent>$i</rasd:AddressOnParent><rasd:HostResource>ovf:/disk/disk$i</rasd:HostResource><rasd:InstanceID>$(10 + $i)</rasd:InstanceID><rasd:Parent>3</rasd:Parent><rasd:ResourceType>17</rasd:ResourceType></Item>"
    }
    @"
<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" xmlns:vmw="http://www.vmware.com/schema/ovf">
<References>$references</References>
<DiskSection><Info>Disks</Info>$disks</DiskSection>
<VirtualSystem ovf:id="web01"><Info>A machine</Info><Name>web01</Name>
<OperatingSystemSection ovf:id="112" vmw:osType="windows2019srvNext_64Guest"><Info>System</Info></OperatingSystemSection>
<VirtualHardwareSection><Info>Hardware</Info>
<Item><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>8</rasd:VirtualQuantity><vmw:CoresPerSocket ovf:required="false">4</vmw:CoresPerSocket></Item>
<Item><rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits><rasd:InstanceID>2</rasd:InstanceID><rasd:ResourceType>4</rasd:ResourceType><rasd:VirtualQuantity>16384</rasd:VirtualQuantity></Item>
<Item><rasd:Address>0</rasd:Address><rasd:InstanceID>3</rasd:InstanceID><rasd:ResourceSubType>VirtualSCSI</rasd:ResourceSubType><rasd:ResourceType>6</rasd:ResourceType></Item>
$items
<Item><rasd:Address>00:50:56:aa:bb:01</rasd:Address><rasd:Connection>VM Network</rasd:Connection><rasd:InstanceID>20</rasd:InstanceID><rasd:ResourceSubType>VmxNet3</rasd:ResourceSubType><rasd:ResourceType>10</rasd:ResourceType></Item>
<vmw:Config ovf:required="false" vmw:key="firmware" vmw:value="efi"/>
</VirtualHardwareSection></VirtualSystem></Envelope>
"@
}

# web01.ova in a folder, with a manifest; the disks are web01-disk1.vmdk and so on. Puts out its path.
function New-Bundle([string] $Folder, [string[]] $Disk, [string] $Name = 'web01.ova', [switch] $WithoutDescription) {
    $names = for ($i = 1; $i -le $Disk.Count; $i++) { "web01-disk$i.vmdk" }
    $files = [ordered] @{}
    if (-not $WithoutDescription) { $files['web01.ovf'] = [System.Text.Encoding]::UTF8.GetBytes((Get-OvfText @($names))) }
    for ($i = 0; $i -lt $Disk.Count; $i++) { $files[@($names)[$i]] = [System.IO.File]::ReadAllBytes($Disk[$i]) }
    $manifest = foreach ($file in $files.Keys) { "SHA256($file)= $([System.Convert]::ToHexString([System.Security.Cryptography.SHA256]::HashData($files[$file])).ToLowerInvariant())" }
    if (-not $WithoutDescription) { $files.Insert(1, 'web01.mf', [System.Text.Encoding]::UTF8.GetBytes(($manifest -join "`n") + "`n")) }

    $path = [System.IO.Path]::Combine($Folder, $Name)
    $stream = [System.IO.File]::Create($path)
    $tar = [System.Formats.Tar.TarWriter]::new($stream, [System.Formats.Tar.TarEntryFormat]::Ustar)
    try {
        foreach ($file in $files.Keys) {
            $entry = [System.Formats.Tar.UstarTarEntry]::new([System.Formats.Tar.TarEntryType]::RegularFile, $file)
            $entry.DataStream = [System.IO.MemoryStream]::new($files[$file])
            $tar.WriteEntry($entry)
        }
    } finally {
        $tar.Dispose()
        $stream.Dispose()
    }
    $path
}
