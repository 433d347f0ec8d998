#!/bin/bash
# Makes the seeds of the fuzzer: small inputs of every kind that tools of others make. See README.md for what it needs.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
fixtures=$here/../../Fixtures
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C.UTF-8 TZ=UTC SOURCE_DATE_EPOCH=1705449600
cd "$work"

seed() { # file, target, name: packed without a time
  mkdir -p "$here/$2"
  gzip -9nc "$1" > "$here/$2/$3.gz"
}
image() { # target, name, qemu-img's format and options
  local target=$1 name=$2
  shift 2
  qemu-img convert -q -f raw -O "$@" disk.raw "$name"
  seed "$name" "$target" "$name"
  rm "$name"
}
rm -rf "$here"/*/

# A disk of 1 MiB: text, bytes that do not pack, and holes.
python3 - << 'PYTHON'
import random
rng = random.Random(1)
disk = bytearray(1 << 20)
disk[0:4096] = b"Hyper2Kvm seeds\n" * 256
disk[100_000:104_000] = rng.randbytes(4000)
disk[700_000:702_000] = b"z" * 2000
disk[-512:] = rng.randbytes(512)
open("disk.raw", "wb").write(disk)
PYTHON

image qcow2 v3.qcow2 qcow2
image qcow2 v2.qcow2 qcow2 -o compat=0.10
image qcow2 zlib.qcow2 qcow2 -c -o cluster_size=4096
image qcow2 zstd.qcow2 qcow2 -c -o compression_type=zstd,cluster_size=16384
image qcow2 subclusters.qcow2 qcow2 -o extended_l2=on,cluster_size=16384
image vmdk sparse.vmdk vmdk -o subformat=monolithicSparse,zeroed_grain=on
image vmdk stream.vmdk vmdk -o subformat=streamOptimized
image vhd dynamic.vhd vpc -o force_size=on
image vhd fixed.vhd vpc -o force_size=on,subformat=fixed
image vhdx dynamic.vhdx vhdx -o block_size=1M,log_size=1M
image vdi dynamic.vdi vdi
image vdi static.vdi vdi -o static=on
mkdir -p "$here/vmdk/split" "$here/qcow2/data-file" "$here/qcow2/chain"
qemu-img convert -q -f raw -O vmdk -o subformat=twoGbMaxExtentSparse disk.raw 0.vmdk
for file in 0.vmdk 0-s001.vmdk; do gzip -9nc "$file" > "$here/vmdk/split/$file.gz"; done
mv "$here/vmdk/split/0-s001.vmdk.gz" "$here/vmdk/split/1-s001.vmdk.gz"
sed 's/0-s001/1-s001/' 0.vmdk | gzip -9nc > "$here/vmdk/split/0.vmdk.gz"
qemu-img convert -q -f raw -O qcow2 -o data_file=1.bin disk.raw 0.qcow2
for file in 0.qcow2 1.bin; do gzip -9nc "$file" > "$here/qcow2/data-file/$file.gz"; done
qemu-img convert -q -f raw -O qcow2 disk.raw 1.qcow2
qemu-img create -q -f qcow2 -F qcow2 -b 1.qcow2 0.qcow2
qemu-io -c 'write -P 7 64k 64k' -c 'write -z 512k 128k' 0.qcow2 > /dev/null
for file in 0.qcow2 1.qcow2; do gzip -9nc "$file" > "$here/qcow2/chain/$file.gz"; done

# Machines, and one with its disk in a bundle.
cat > 0.ovf << 'XML'
<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
  xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" xmlns:vmw="http://www.vmware.com/schema/ovf">
  <References><File ovf:id="file1" ovf:href="1.vmdk"/></References>
  <DiskSection><Info>Disks</Info><Disk ovf:diskId="disk1" ovf:fileRef="file1" ovf:capacity="1048576" ovf:capacityAllocationUnits="byte"/></DiskSection>
  <NetworkSection><Info>Networks</Info><Network ovf:name="VM Network"/></NetworkSection>
  <VirtualSystem ovf:id="web01"><Info>A machine</Info><Name>web01</Name>
    <OperatingSystemSection ovf:id="112" vmw:osType="windows2019srvNext_64Guest"><Info>OS</Info></OperatingSystemSection>
    <VirtualHardwareSection><Info>Hardware</Info>
      <Item><rasd:ElementName>2 CPUs</rasd:ElementName><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>2</rasd:VirtualQuantity></Item>
      <Item><rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits><rasd:InstanceID>2</rasd:InstanceID><rasd:ResourceType>4</rasd:ResourceType><rasd:VirtualQuantity>4096</rasd:VirtualQuantity></Item>
      <Item><rasd:Address>0</rasd:Address><rasd:InstanceID>3</rasd:InstanceID><rasd:ResourceSubType>lsilogicsas</rasd:ResourceSubType><rasd:ResourceType>6</rasd:ResourceType></Item>
      <Item><rasd:AddressOnParent>0</rasd:AddressOnParent><rasd:HostResource>ovf:/disk/disk1</rasd:HostResource><rasd:InstanceID>4</rasd:InstanceID><rasd:Parent>3</rasd:Parent><rasd:ResourceType>17</rasd:ResourceType></Item>
      <Item><rasd:Address>00:50:56:00:00:01</rasd:Address><rasd:Connection>VM Network</rasd:Connection><rasd:InstanceID>5</rasd:InstanceID><rasd:ResourceSubType>VmxNet3</rasd:ResourceSubType><rasd:ResourceType>10</rasd:ResourceType></Item>
      <vmw:Config vmw:key="firmware" vmw:value="efi"/>
    </VirtualHardwareSection>
  </VirtualSystem>
</Envelope>
XML
qemu-img convert -q -f raw -O vmdk -o subformat=streamOptimized disk.raw 1.vmdk
printf 'SHA256(%s)= %s\n' 0.ovf "$(sha256sum < 0.ovf | cut -d' ' -f1)" 1.vmdk "$(sha256sum < 1.vmdk | cut -d' ' -f1)" > 0.mf
seed 0.ovf ovf 0.ovf
tar --format=ustar --owner=0 --group=0 --mtime=@0 -cf bundle.ova 0.ovf 0.mf 1.vmdk
seed bundle.ova ova bundle.ova
cat > 0.vmx << 'VMX'
.encoding = "UTF-8"
config.version = "8"
virtualHW.version = "19"
displayName = "web01"
guestOS = "windows2019srv-64"
firmware = "efi"
memSize = "4096"
numvcpus = "2"
cpuid.coresPerSocket = "2"
uuid.bios = "56 4d 11 22 33 44 55 66-77 88 99 aa bb cc dd ee"
scsi0.present = "TRUE"
scsi0.virtualDev = "lsisas1068"
scsi0:0.present = "TRUE"
scsi0:0.fileName = "web01.vmdk"
ethernet0.present = "TRUE"
ethernet0.virtualDev = "vmxnet3"
ethernet0.networkName = "VM Network"
ethernet0.addressType = "static"
ethernet0.address = "00:50:56:00:00:01"
VMX
seed 0.vmx vmx 0.vmx
cat > 0.xml << 'XML'
<domain type='kvm'><name>web01</name><uuid>564d1122-3344-5566-7788-99aabbccddee</uuid><memory unit='MiB'>4096</memory><vcpu>2</vcpu>
  <os firmware='efi'><type arch='x86_64' machine='q35'>hvm</type><boot dev='hd'/></os><cpu><topology sockets='1' dies='1' cores='2' threads='1'/></cpu>
  <devices>
    <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/var/lib/libvirt/images/web01.qcow2'/><target dev='sda' bus='sata'/></disk>
    <interface type='network'><mac address='52:54:00:00:00:01'/><source network='default'/><model type='e1000e'/></interface>
  </devices>
</domain>
XML
seed 0.xml libvirt 0.xml

# Partition tables.
truncate -s 1M gpt.raw
sgdisk -a 1 -n 1:40:200 -t 1:ef00 -n 2:201:1000 -c 2:Windows gpt.raw > /dev/null
seed gpt.raw gpt gpt.raw
truncate -s 1M mbr.raw
printf 'label: dos\nstart=1,size=100,type=7,bootable\nstart=200,size=800,type=5\nstart=210,size=100,type=7\nstart=400,size=50,type=6\n' | sfdisk -q mbr.raw
seed mbr.raw mbr mbr.raw

# Volumes with a few files.
mkdir -p tree/Windows/System32/config
printf 'short' > tree/Windows/short.txt
head -c 50000 disk.raw > "tree/Windows/A long name with Umlauts äöü.dat"
for i in $(seq 60); do printf '%s' "$i" > "tree/Windows/System32/file-$i.txt"; done
truncate -s 1M fat12.raw
mkfs.fat -F 12 --invariant fat12.raw > /dev/null
truncate -s 3M fat16.raw
mkfs.fat -F 16 -s 1 -R 1 --invariant fat16.raw > /dev/null
for volume in fat12.raw fat16.raw; do
  mcopy -s -i "$volume" tree/Windows ::
  seed "$volume" fat "$volume"
done
truncate -s 2M ntfs.raw
mkntfs -q -F -c 1024 -L Seed -p 0 -H 1 -S 1 ntfs.raw 2> /dev/null
mkdir mnt
ntfs-3g ntfs.raw mnt
cp -r tree/Windows mnt/
umount mnt
seed ntfs.raw ntfs ntfs.raw
xorriso -as mkisofs -quiet -J -joliet-long -o files.iso tree
seed files.iso iso files.iso

# Hives and texts.
python3 "$fixtures/tools/hive.py" "$fixtures/variants/win7-system.hive.txt" system.hive --name SYSTEM
seed system.hive regf system.hive
sed 's/@[A-Z]*@/{11111111-2222-3333-4444-555555555555}/g' "$fixtures/sample-win2022/bcd.hive.txt" > bcd.hive.txt
python3 "$fixtures/tools/hive.py" bcd.hive.txt gpt.hive --name BCD
python3 "$fixtures/tools/hive.py" "$fixtures/variants/win7-bcd.hive.txt" mbr.hive --name BCD
seed gpt.hive bcd gpt.hive
seed mbr.hive bcd mbr.hive
xorriso -osirrox on -indev "$fixtures/sample-virtio-win/sample-virtio-win.iso" -extract / iso > /dev/null 2>&1
chmod -R u+w iso
count=0
while read -r inf; do
  count=$((count + 1))
  seed "$inf" inf "$count-$(basename "$inf")"
done < <(find iso -iname '*.inf' | sort | awk -F/ '!seen[$NF]++' | head -5)
seed "$here/../../../src/Hyper2Kvm.PowerShell/Data/virtio-win.yaml" rules virtio-win.yaml
