#!/bin/bash
# Makes the guest that the benchmarks run on. See README.md for the tools it needs; run as root.
#   make-guest.sh FOLDER [--software-mb N] [--system HIVE[.gz]] [--formats] [--files N]
# Leaves in FOLDER: disk.raw (20 GiB, sparse), with --formats also disk.vmdk and disk.qcow2, and virtio-win.iso (about 1500 files).
# --files adds so many small files, in folders of 2000: a million takes a minute or two, and 1 GiB of room.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
fixtures=$here/../tests/Fixtures
data=${HYPER2KVM_TEST_DATA:-$here/../../shared/data}
folder=
software_mb=8
formats=
files=0
system=$data/hive-system/win10-1903-x64-vmware-DESKTOP-2KGM189-dirty.SYSTEM.gz
while [ $# -gt 0 ]; do
  case $1 in
    --software-mb) software_mb=$2; shift ;;
    --system) system=$2; shift ;;
    --formats) formats=yes ;;
    --files) files=$2; shift ;;
    *) folder=$1 ;;
  esac
  shift
done
[ -n "$folder" ] || { sed -n 2,4p "$0"; exit 2; }
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
work=$(mktemp -d)
loop=
finish() {
  if mountpoint -q "$work/mnt"; then umount "$work/mnt"; fi
  if [ -n "$loop" ]; then losetup -d "$loop"; fi
  rm -rf "$work"
}
trap finish EXIT
export LC_ALL=C.UTF-8
say() { printf '%(%H:%M:%S)T %s\n' -1 "$*"; }

disk=$folder/disk.raw
disk_id=d148fb7c-be81-4d12-8dcf-62260299abde
esp_id=ecd43012-88cf-4f80-a8de-8d3719d0653a
windows_id=09931f21-7faf-44a9-81d8-1e73c14b9eaf
esp_at=1 esp_mib=100 windows_at=117 windows_mib=19860 disk_mib=20480        # MSR: 101, 16 MiB

say "partitions"
rm -f "$disk"
truncate -s ${disk_mib}M "$disk"
part() { echo "-n $1:$(($2 * 2048)):$((($2 + $3) * 2048 - 1)) -t $1:$4"; }
# shellcheck disable=SC2046
sgdisk -U $disk_id $(part 1 $esp_at $esp_mib ef00) -u 1:$esp_id $(part 2 101 16 0c01) $(part 3 $windows_at $windows_mib 0700) -u 3:$windows_id \
  $(part 4 19977 500 2700) "$disk" > /dev/null

say "boot store and ESP"
python3 "$fixtures/tools/pe.py" "$work/bootmgfw.efi" x64 efi
sed "s/@DISK@/{$disk_id}/g; s/@ESP@/{$esp_id}/g; s/@WINDOWS@/{$windows_id}/g" "$fixtures/sample-win2022/bcd.hive.txt" > "$work/bcd.txt"
python3 "$fixtures/tools/hive.py" "$work/bcd.txt" "$work/BCD" --name BCD
esp=$work/esp
truncate -s ${esp_mib}M "$esp"
mkfs.fat -F 32 -s 1 -h $((esp_at * 2048)) -n SYSTEM "$esp" > /dev/null
mmd -i "$esp" ::/EFI ::/EFI/Boot ::/EFI/Microsoft ::/EFI/Microsoft/Boot
mcopy -i "$esp" "$work/BCD" "$work/bootmgfw.efi" ::/EFI/Microsoft/Boot/
mcopy -i "$esp" "$work/bootmgfw.efi" ::/EFI/Boot/bootx64.efi
dd if="$esp" of="$disk" bs=1M seek=$esp_at conv=notrunc,sparse status=none

say "hives"
if [ -f "$system" ]; then
  case $system in *.gz) gzip -dc "$system" ;; *) cat "$system" ;; esac > "$work/SYSTEM"
  # A hive found dirty is called clean (sequence 2 := sequence 1, new checksum): replaying logs is not what is measured.
  python3 - "$work/SYSTEM" <<'PYTHON'
import struct, sys
with open(sys.argv[1], "r+b") as file:
    base = bytearray(file.read(512))
    base[8:12] = base[4:8]
    checksum = 0
    for word in struct.unpack("<127I", base[:508]):
        checksum ^= word
    struct.pack_into("<I", base, 508, {0: 1, 0xFFFFFFFF: 0xFFFFFFFE}.get(checksum, checksum))
    file.seek(0)
    file.write(base)
PYTHON
  say "SYSTEM: $(basename "$system"), $(($(stat -c %s "$work/SYSTEM") >> 20)) MiB"
else
  sed "s/@DISK@/{$disk_id}/g; s/@ESP@/{$esp_id}/g; s/@WINDOWS@/{$windows_id}/g; s/@RECOVERY@/{$esp_id}/g" "$fixtures/sample-win2022/system.hive.txt" > "$work/system.txt"
  python3 "$fixtures/tools/hive.py" "$work/system.txt" "$work/SYSTEM" --name SYSTEM
  say "SYSTEM: the sample's, for want of real data"
fi
id_bytes=$(python3 -c 'import sys, uuid; print(uuid.UUID(sys.argv[1]).bytes_le.hex(","))' $windows_id)
printf 'Windows Registry Editor Version 5.00\n\n[MountedDevices]\n"\\\\DosDevices\\\\C:"=hex(3):44,4d,49,4f,3a,49,44,3a,%s\n' "$id_bytes" > "$work/mounted.reg"
hivexregedit --merge "$work/SYSTEM" "$work/mounted.reg"
python3 "$here/software.py" "$work/SOFTWARE" "$software_mb"
python3 "$fixtures/tools/hive.py" "$fixtures/sample-win2022/drivers.hive.txt" "$work/DRIVERS" --name DRIVERS

say "Windows volume"
loop=$(losetup --find --show -o $((windows_at << 20)) --sizelimit $((windows_mib << 20)) "$disk")
mkntfs -q -Q -p $((windows_at * 2048)) -H 255 -S 63 -s 512 -c 4096 "$loop"
mkdir "$work/mnt"
ntfs-3g "$loop" "$work/mnt"
python3 - "$work/mnt" "$fixtures/tools" <<'PYTHON'
import os, random, sys
root, tools = sys.argv[1:]
sys.path.insert(0, tools)
import pe
source = random.Random(1)
block = source.randbytes(1 << 20)
program = {name: pe.build(*name) for name in (("x64", "native"), ("x64", "console"), ("x64", "efi"))}

def put(path, data):
    path = os.path.join(root, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)

def filler(limit):
    size = source.randrange(200, limit)
    at = source.randrange(0, (1 << 20) - min(size, 1 << 19))
    return block[at:at + size]

for folder in ("PerfLogs", "ProgramData", "Users/Public", "Windows/System32/config/RegBack", "Windows/Temp", "Windows/System32/CatRoot/{F750E6C3-38EE-11D1-85E5-00C04FC295EE}"):
    os.makedirs(os.path.join(root, folder))
put("garbage.bin", block * 240)                                       # deleted below: free clusters that are not zero
for name in "cmd explorer services winlogon pnputil".split():
    put(f"Windows/System32/{name}.exe", program["x64", "console"])
put("Windows/System32/ntoskrnl.exe", program["x64", "native"] + filler(1 << 19))
for name in "winload winresume".split():
    put(f"Windows/System32/{name}.efi", program["x64", "efi"])
for name in "storahci stornvme pciide atapi intelide lsi_sas disk partmgr volmgr mountmgr ntfs pci ACPI".split() + [f"driver{n:03}" for n in range(350)]:
    put(f"Windows/System32/drivers/{name}.sys", program["x64", "native"] + filler(1 << 18))
for n in range(1800):
    put(f"Windows/System32/library{n:04}.dll", filler(1 << 18))
for n in range(700):
    put(f"Windows/System32/DriverStore/FileRepository/device{n:03}.inf_amd64_{n * 7919:016x}/device{n:03}.inf", filler(1 << 14))
    put(f"Windows/INF/device{n:03}.inf", filler(1 << 14))
for n in range(2500):
    put(f"Windows/WinSxS/amd64_component-{n:05}_31bf3856ad364e35/file{n}.dll", filler(1 << 17))
for n in range(600):
    put(f"Program Files/Anwendung {n % 40}/Büro-{n}.dat", filler(1 << 19))
put("pagefile.sys", b"")
os.truncate(os.path.join(root, "pagefile.sys"), 128 << 20)
os.remove(os.path.join(root, "garbage.bin"))
PYTHON
for hive in SYSTEM SOFTWARE DRIVERS; do cp "$work/$hive" "$work/mnt/Windows/System32/config/$hive"; : > "$work/mnt/Windows/System32/config/$hive.LOG1"; : > "$work/mnt/Windows/System32/config/$hive.LOG2"; done
python3 - "$work/mnt" "$files" <<'PYTHON'
import os, sys
root, count = sys.argv[1], int(sys.argv[2])
for n in range(count):
    folder = f"{root}/Users/Public/folder-{n // 2000:04}"
    if n % 2000 == 0:
        os.mkdir(folder)
    os.close(os.open(f"{folder}/file number {n:07}.txt", os.O_CREAT | os.O_WRONLY))
PYTHON
say "$(find "$work/mnt" -type f | wc -l) files, $(df -h --output=used "$work/mnt" | tail -1) used"
umount "$work/mnt"
losetup -d "$loop"
loop=

say "driver ISO"
tree=$work/virtio
"$fixtures/sample-virtio-win/make.sh" --tree "$tree"
for driver in Balloon fwcfg ivshmem pvpanic qemufwcfg qxldod sriov vioprot qemupciserial smbus viocrypt viofs viogpudo vioinput viomem viorng vioserial viosock; do
  for system in 2k12/amd64 2k12R2/amd64 2k16/amd64 2k19/amd64 2k22/amd64 2k25/amd64 2k8R2/amd64 w10/amd64 w10/x86 w11/amd64 w7/amd64 w7/x86 w8/amd64 w8/x86 w8.1/amd64 w8.1/x86; do
    target=$tree/$driver/$system
    mkdir -p "$target"
    cp "$tree/viostor/w10/amd64/viostor.sys" "$target/${driver,,}.sys"
    printf '[Version]\r\nSignature="$Windows NT$"\r\nClass=System\r\nCatalogFile=%s.cat\r\nDriverVer=01/16/2024,100.95.104.26200\r\n' "${driver,,}" > "$target/${driver,,}.inf"
    head -c 12000 /dev/zero > "$target/${driver,,}.cat"
    head -c 300000 /dev/zero > "$target/${driver,,}.pdb"
    printf 'x\r\n' > "$target/Readme.md"
  done
done
xorriso -report_about WARNING -as mkisofs -J -joliet-long -R -V VIRTIO_WIN -o "$folder/virtio-win.iso" "$tree"
say "$(find "$tree" -type f | wc -l) files on the ISO"

if [ -n "$formats" ]; then
  say "other formats"
  qemu-img convert -O vmdk "$disk" "$folder/disk.vmdk"
  qemu-img convert -O qcow2 "$disk" "$folder/disk.qcow2"
fi
say "done"
ls -ls "$folder"
