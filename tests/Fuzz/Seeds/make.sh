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

# Signatures: a stand-in driver, signed and signed again, and a catalog that lists it.
python3 "$fixtures/tools/pe.py" plain.sys x64 native
openssl req -x509 -newkey rsa:2048 -nodes -days 7300 -subj '/CN=Seed Maker/O=Seeds' -addext extendedKeyUsage=codeSigning -keyout key.pem -out cert.pem 2> /dev/null
osslsigncode sign -certs cert.pem -key key.pem -h sha1 -in plain.sys -out once.sys > /dev/null
osslsigncode sign -certs cert.pem -key key.pem -h sha256 -nest -in once.sys -out twice.sys > /dev/null
seed plain.sys pe plain.sys
seed twice.sys pe twice.sys
python3 - << 'PYTHON'
import hashlib

def tlv(tag, *parts):
    body = b"".join(parts)
    length = bytes([len(body)]) if len(body) < 128 else bytes([0x82, len(body) >> 8, len(body) & 255])
    return bytes([tag]) + length + body

def oid(text):
    first, second, *rest = map(int, text.split("."))
    out = [first * 40 + second]
    for arc in rest:
        out += [0x80 | arc >> shift & 127 for shift in (28, 21, 14, 7) if arc >> shift] + [arc & 127]
    return tlv(6, bytes(out))

def name_value(name, text):
    return tlv(0x30, tlv(0x1E, name.encode("utf-16-be")), tlv(2, b"\x10\x01\x00\x01"), tlv(4, (text + "\0").encode("utf-16-le")))

def member(content):
    digest = hashlib.sha256(content).digest()
    algorithm = tlv(0x30, oid("2.16.840.1.101.3.4.2.1"), tlv(5))
    indirect = tlv(0x30, tlv(0x30, oid("1.3.6.1.4.1.311.2.1.15"), tlv(0x30)), tlv(0x30, algorithm, tlv(4, digest)))
    return tlv(0x30, tlv(4, digest), tlv(0x31,
        tlv(0x30, oid("1.3.6.1.4.1.311.2.1.4"), tlv(0x31, indirect)),
        tlv(0x30, oid("1.3.6.1.4.1.311.12.2.1"), tlv(0x31, name_value("OSAttr", "2:10.0")))))

extension = tlv(0x30, oid("1.3.6.1.4.1.311.12.2.1"), tlv(4, name_value("OS", "_v100_X64_21H2,Server_v100_X64_RS5")))
fields = [tlv(0x30, oid("1.3.6.1.4.1.311.12.1.1")), tlv(4, bytes(16)), tlv(0x17, b"240117000000Z"),
    tlv(0x30, oid("1.3.6.1.4.1.311.12.1.3"), tlv(5)),
    tlv(0x30, member(open("plain.sys", "rb").read()), member(b"an INF")), tlv(0xA0, tlv(0x30, extension))]
open("list.der", "wb").write(b"".join(fields))
PYTHON
openssl cms -sign -binary -nodetach -in list.der -econtent_type 1.3.6.1.4.1.311.10.1 -signer cert.pem -inkey key.pem -md sha256 -outform DER -out signed.cat
seed signed.cat cat signed.cat

# Texts of Windows, and a chunk of a file that CompactOS has packed.
cat > new.log << 'LOG'
[Device Install Log]
     OS Version = 10.0.20348
[BeginLog]
[Boot Session: 2024/01/17 12:00:00.500]
>>>  [Device Install (Hardware initiated) - PCI\VEN_1AF4&DEV_1001&SUBSYS_00021AF4&REV_00\3&11583659&0&28]
>>>  Section start 2024/01/17 12:00:01.123
     ump: Creating Install Process: DrvInst.exe
!!!  dvi: Device not started: Device has problem: 0x1c
<<<  Section end 2024/01/17 12:00:02.345
<<<  [Exit status: FAILURE(0xe0000203)]

>>>  [Device Install - PCI\VEN_1AF4&DEV_1000\3&11583659&0&18]
>>>  Section start 2024/01/17 12:00:03.123
<<<  Section end 2024/01/17 12:00:04.345
<<<  [Exit status: SUCCESS]
LOG
cat > old.log << 'LOG'
[SetupAPI Log]
OS Version = 5.2.3790 Service Pack 2
[2008/01/02 03:04:05 520.3 Driver Install]
#-019 Searching for hardware ID(s): pci\ven_1af4&dev_1001&subsys_00021af4&rev_00,pci\ven_1af4&dev_1001
#I060 Set selected driver.
#E122 Device install failed. Error 1168: Element not found.
#I121 Device install of "PCI\VEN_1AF4&DEV_1000\3&267A616A&0&18" finished successfully.
LOG
seed new.log setupapi new.log
seed old.log setupapi old.log
iconv -f UTF-8 -t UTF-16 new.log > wide.log
seed wide.log setupapi wide.log
cat > boot.ini << 'INI'
[boot loader]
timeout=30
default=multi(0)disk(0)rdisk(0)partition(1)\WINDOWS
[operating systems]
multi(0)disk(0)rdisk(0)partition(1)\WINDOWS="Windows Server 2003, Enterprise" /noexecute=optout /fastdetect
signature(8b467c12)disk(0)rdisk(0)partition(2)\WINNT="Windows 2000" /fastdetect
C:\="MS-DOS"
INI
seed boot.ini bootini boot.ini
python3 - << 'PYTHON'
# 254 literals and a match of 8 bits each, two literals and a match of 9: [MS-XCA] 2.2.
NEAR, FAR = 256 + 0x05, 256 + 0x47
lengths = {symbol: 8 for symbol in range(254)} | {254: 9, 255: 9, NEAR: 9, FAR: 9}
codes = {}
# Canonical codes: those of 8 bits count 0 to 253, those of 9 go on at twice 254.
bits = ""
for symbol, length in sorted(lengths.items(), key=lambda item: (item[1], item[0])):
    codes[symbol] = format(symbol if length == 8 else 508 + [254, 255, NEAR, FAR].index(symbol), f"0{length}b")
written = 0
for i in range(3000):
    bits += codes[(i * 7) & 255]
    written += 1
    if i > 40 and i % 5 == 0:
        bits += codes[NEAR]
        written += 8
    if i > 40 and i % 9 == 0:
        bits += codes[FAR] + format(i % 16, "04b")
        written += 10
bits += codes[0] * (32768 - written)
bits = bits.ljust((len(bits) + 31) // 16 * 16 + 16, "0")
table = bytes(lengths.get(i, 0) | lengths.get(i + 1, 0) << 4 for i in range(0, 512, 2))
open("chunk.bin", "wb").write(table + b"".join(int(bits[i:i + 16], 2).to_bytes(2, "little") for i in range(0, len(bits), 16)))
PYTHON
seed chunk.bin xpress chunk.bin

# What the product itself leaves beside a disk.
cat > log.h2kv.jsonl << 'LOG'
{"schema":1,"time":"2024-01-17T12:00:00.0000000Z","user":"root","computer":"host","toolVersion":"1.0.0","mode":"Overlay","source":{"path":"/srv/web01.vmdk","format":"Vmdk","virtualSize":134217728,"files":[{"path":"/srv/web01.vmdk","length":65536,"modified":"2024-01-17T12:00:00Z","headSha256":"0000000000000000000000000000000000000000000000000000000000000000"}]},"result":{"path":"/srv/web01.kvm.qcow2","length":196608,"sha256":null},"guest":{"partition":3,"hostName":"WEB01","windows":"Windows Server 2022"},"steps":["BootStartStorage"],"changes":[{"step":"BootStartStorage","kind":"ValueAdded","target":"HKLM\\SYSTEM\\ControlSet001\\Services\\viostor!Start","before":null,"after":"0"}],"ranges":[{"offset":65536,"length":65536,"before":"0000000000000000000000000000000000000000000000000000000000000000","after":"1111111111111111111111111111111111111111111111111111111111111111"}],"findings":[{"id":"NtfsLinkCountWrong","severity":"Error","partition":3,"structure":"NTFS","place":"record 5","message":"link count 2, but 1 names","remedy":"chkdsk /f"}],"warnings":[],"undo":"Undo-GuestEdit","durationMs":250}
LOG
seed log.h2kv.jsonl record log.h2kv.jsonl
cat > state.json << 'JSON'
{"schema":1,"complete":false,"source":"/srv/web01.vmdk","sourceFiles":[{"path":"/srv/web01.vmdk","length":65536,"modified":"2024-01-17T12:00:00Z"}],
"stages":[{"step":"Inspect","state":"Done","started":"2024-01-17T12:00:00Z","durationMs":20,"detail":"","settings":"abc"}],
"changes":[{"step":"BootStartStorage","kind":"ValueAdded","target":"x","before":null,"after":"0"}],"bytesChanged":65536,"backup":"web01.BCD-012345678901",
"findings":[{"id":"BcdDeviceUnknown","severity":"Warning","place":"x","message":"y","remedy":"z","repairable":false}],"conversions":[],"boots":[],"warnings":["w"]}
JSON
seed state.json record state.json
python3 - << 'PYTHON'
import hashlib, struct
ticks = 638410896000000000
name = b"disk.raw"
files = struct.pack("<I", len(name)) + name + struct.pack("<QQQ", 1 << 20, ticks, ticks)
regions = b"".join(struct.pack("<IIQ", 0, 512, at) + bytes([1]) * 512 + bytes([2]) * 512 for at in (0, 4096, 65536))
body = struct.pack("<Q", ticks) + bytes(64) + struct.pack("<II", 1, 3) + files + regions
head = b"H2KVUNDO" + struct.pack("<IIQ", 1, 0, 56 + len(body))
open("disk.raw.h2kv-pending", "wb").write(head + hashlib.sha256(body).digest() + body)
PYTHON
seed disk.raw.h2kv-pending record disk.raw.h2kv-pending

# The hives and the boot store of the sample guest, to be laid on its disk again.
qemu-img convert -O raw "$fixtures/sample-win2022/sample-win2022.vmdk" sample.raw
dd if=sample.raw of=windows.raw bs=1M skip=53 count=64 status=none
dd if=sample.raw of=esp.raw bs=1M skip=1 count=36 status=none
mkdir -p "$here/guest/sample"
for hive in SYSTEM SOFTWARE; do ntfscat windows.raw "Windows/System32/config/$hive" > "$hive"; done
gzip -9nc SYSTEM > "$here/guest/sample/0.SYSTEM.gz"
gzip -9nc SOFTWARE > "$here/guest/sample/1.SOFTWARE.gz"
mcopy -i esp.raw ::/EFI/Microsoft/Boot/BCD BCD
gzip -9nc BCD > "$here/guest/sample/2.BCD.gz"
