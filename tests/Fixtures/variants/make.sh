#!/bin/bash
# Makes the other guests: see README.md. Needs what ../sample-win2022/make.sh needs, and: e2fsprogs fdisk util-linux libwin-hivex-perl.
#   make.sh [NAME...]           only these
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tools=$here/../tools
sample=$here/../sample-win2022
work=$(mktemp -d)
loop=
finish() {
  if mountpoint -q "$work/mnt"; then umount "$work/mnt"; fi
  if [ -n "$loop" ]; then losetup -d "$loop"; fi
  rm -rf "$work"
}
trap finish EXIT
export LC_ALL=C.UTF-8 TZ=UTC
mkdir "$work/mnt"
config=Windows/System32/config

mount_windows() { ntfs-3g "$work/volume" "$work/mnt"; }
unmount_windows() { umount "$work/mnt"; }
merge() { # hive below config, .reg text without its first line
  cp "$work/mnt/$config/$1" "$work/hive"
  printf 'Windows Registry Editor Version 5.00\n\n%s\n' "$2" > "$work/merge.reg"
  hivexregedit --merge "$work/hive" "$work/merge.reg"
  cp "$work/hive" "$work/mnt/$config/$1"
}
store() { # file: back to \EFI\Microsoft\Boot\BCD
  mcopy -o -m -i "$work/esp" "$1" ::/EFI/Microsoft/Boot/BCD
}

# ---- states of the sample: each is an overlay that holds what differs from it ----
dirty-volume() { python3 "$here/ntfs.py" "$work/volume" dirty-volume; }
dirty-log() { python3 "$here/ntfs.py" "$work/volume" dirty-log; }
bitlocker() { python3 "$here/ntfs.py" "$work/volume" bitlocker; }
hibernated() {
  mount_windows
  { printf 'HIBR'; head -c 65532 /dev/zero; } > "$work/mnt/hiberfil.sys"
  unmount_windows
}
fast-startup() {
  mount_windows
  { printf 'HIBR'; head -c 65532 /dev/zero; } > "$work/mnt/hiberfil.sys"
  merge SYSTEM $'[ControlSet001\\Control\\Session Manager\\Power]\n"HiberbootEnabled"=dword:00000001'
  unmount_windows
  mcopy -m -i "$work/esp" ::/EFI/Microsoft/Boot/BCD "$work/BCD"
  printf 'Windows Registry Editor Version 5.00\n\n[Objects\\{9dea862c-5cdd-4e70-acc1-f32b344d4795}\\Elements\\26000005]\n"Element"=hex:01\n' > "$work/merge.reg"
  hivexregedit --merge "$work/BCD" "$work/merge.reg"
  store "$work/BCD"
}
dirty-hive() { # sequence 1 is ahead and no log tells why
  mount_windows
  rm "$work/mnt/$config/SYSTEM.LOG1" "$work/mnt/$config/SYSTEM.LOG2"
  python3 - "$work/mnt/$config/SYSTEM" <<'PYTHON'
import struct, sys
with open(sys.argv[1], "r+b") as file:
    base = bytearray(file.read(512))
    struct.pack_into("<I", base, 4, struct.unpack_from("<I", base, 8)[0] + 1)
    checksum = 0
    for word in struct.unpack("<127I", base[:508]):
        checksum ^= word
    struct.pack_into("<I", base, 508, checksum)
    file.seek(0)
    file.write(base)
PYTHON
  unmount_windows
}
pending-servicing() {
  mount_windows
  printf '<?xml version="1.0" encoding="utf-8"?>\r\n<PendingTransaction Version="3.1"/>\r\n' > "$work/mnt/Windows/WinSxS/pending.xml"
  merge SOFTWARE $'[Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\RebootPending]'
  unmount_windows
}
data-only() { # the disk of another server's data
  mount_windows
  rm -r "$work/mnt/Windows" "$work/mnt/Program Files" "$work/mnt/pagefile.sys"
  unmount_windows
  mdeltree -i "$work/esp" ::/EFI
}
no-fallback-loader() { mdel -i "$work/esp" ::/EFI/Boot/bootx64.efi; }
no-boot-store() { mdel -i "$work/esp" ::/EFI/Microsoft/Boot/BCD; }
foreign-boot-store() { # it names partitions of another disk, as after a restore to a new one
  sed 's/@DISK@/{deadbeef-0000-4000-8000-000000000000}/g; s/@ESP@/{deadbeef-0001-4000-8000-000000000000}/g; s/@WINDOWS@/{deadbeef-0003-4000-8000-000000000000}/g' \
    "$sample/bcd.hive.txt" > "$work/bcd.txt"
  python3 "$tools/hive.py" "$work/bcd.txt" "$work/BCD" --name BCD
  store "$work/BCD"
}
two-windows() { # a second installation where the recovery partition was
  truncate -s 8M "$work/second"
  mkntfs -q -F -Q -p $((117 * 2048)) -H 255 -S 63 -s 512 -c 4096 "$work/second" 2> /dev/null
  mount_windows
  mkdir "$work/mnt2"
  ntfs-3g "$work/second" "$work/mnt2"
  mkdir -p "$work/mnt2/$config" "$work/mnt2/Windows/System32/drivers"
  cp "$work/mnt/$config/"{SYSTEM,SOFTWARE} "$work/mnt2/$config/"
  cp "$work/mnt/Windows/System32/"{cmd.exe,winload.efi,ntoskrnl.exe} "$work/mnt2/Windows/System32/"
  umount "$work/mnt2"
  unmount_windows
  dd if="$work/second" of="$work/disk" bs=1M seek=117 conv=notrunc status=none
  sgdisk -t 4:0700 -A 4:clear:0 -A 4:clear:63 "$work/disk" > /dev/null
}

overlay() {
  # An empty overlay over the changed disk, moved onto the sample: what differs stays in it. Then the same, compressed.
  qemu-img create -q -f qcow2 -o cluster_size=8192 -b "$work/disk" -F raw "$work/overlay"
  qemu-img rebase -q -b "$sample/sample-win2022.vmdk" -F vmdk -f qcow2 "$work/overlay"
  cd "$here"
  qemu-img convert -f qcow2 -O qcow2 -c -o cluster_size=8192 -B ../sample-win2022/sample-win2022.vmdk -F vmdk "$work/overlay" "$1.qcow2"
  qemu-img compare -q -f qcow2 -F raw "$1.qcow2" "$work/disk"
}

state() {
  cp --sparse=always "$work/base" "$work/disk"
  dd if="$work/disk" of="$work/esp" bs=1M skip=1 count=36 conv=sparse status=none
  dd if="$work/disk" of="$work/volume" bs=1M skip=53 count=64 conv=sparse status=none
  "$1"
  dd if="$work/esp" of="$work/disk" bs=1M seek=1 conv=notrunc status=none
  dd if="$work/volume" of="$work/disk" bs=1M seek=53 conv=notrunc status=none
  overlay "$1"
}

# ---- disks of their own ----
image() { python3 "$tools/vmdk.py" "$work/disk" "$here/$1.vmdk"; }
blank() { rm -f "$work/disk"; truncate -s "$1M" "$work/disk"; }
put() { dd if="$1" of="$work/disk" bs=1M seek="$2" conv=notrunc,sparse status=none; }

linux-ext4() {
  blank 32
  mkdir -p "$work/linux/etc" "$work/linux/boot"
  echo 'NAME="Nobody Linux"' > "$work/linux/etc/os-release"
  truncate -s 31M "$work/part"
  mke2fs -q -t ext4 -O ^has_journal -U 1b4e28ba-2fa1-11d2-883f-0016d3cca427 -d "$work/linux" "$work/part"
  echo 'start=2048, type=83, bootable' | sfdisk -q "$work/disk"
  put "$work/part" 1
  image linux-ext4
}

sector-4096() { # GPT and NTFS of a disk whose logical sectors have 4096 bytes
  blank 24
  loop=$(losetup --find --show -b 4096 "$work/disk")
  sgdisk -a 256 -U c0a80022-4096-4a4a-8b8b-1d2e3f405162 -n 1:256:5119 -t 1:0700 -u 1:a1b2c3d4-4096-4e5f-8091-a2b3c4d5e6f7 "$loop" > /dev/null
  losetup -d "$loop"; loop=
  truncate -s 19M "$work/part"
  loop=$(losetup --find --show -b 4096 "$work/part")
  mkntfs -q -F -Q -p 256 -H 255 -S 63 -s 4096 -c 4096 "$loop" 2> /dev/null
  ntfs-3g "$loop" "$work/mnt"
  mkdir -p "$work/mnt/Ordner"
  printf 'Inhalt\r\n' > "$work/mnt/Ordner/Datei.txt"
  umount "$work/mnt"
  losetup -d "$loop"; loop=
  put "$work/part" 1
  image sector-4096
}

win7-bios() { # MBR, System Reserved, Windows 7 x64 with two control sets and the CriticalDeviceDatabase
  # Laid out so that its Windows volume shares what mkntfs writes with the sample's.
  blank 128
  printf 'label: dos\nlabel-id: 0x5cbea03e\nstart=2048, size=16384, type=7, bootable\nstart=108544, size=131072, type=7\n' | sfdisk -q "$work/disk"
  printf '\xfa\x33\xc0' | dd of="$work/disk" conv=notrunc status=none          # some boot code
  local b=$work/mnt c=$work/mnt
  truncate -s 8M "$work/part"
  mkntfs -q -F -Q -p 2048 -H 255 -S 63 -s 512 -c 4096 -L System-reserviert "$work/part" 2> /dev/null
  ntfs-3g "$work/part" "$b"
  mkdir -p "$b/Boot/de-DE"
  printf 'Stand-in for the boot manager' > "$b/bootmgr"
  python3 "$tools/pe.py" "$b/Boot/memtest.exe" x86 console
  python3 "$tools/hive.py" "$here/win7-bcd.hive.txt" "$b/Boot/BCD" --name BCD --index lf
  umount "$b"
  put "$work/part" 1
  rm "$work/part"
  truncate -s 64M "$work/part"
  mkntfs -q -F -Q -p 108544 -H 255 -S 63 -s 512 -c 4096 "$work/part" 2> /dev/null
  ntfs-3g "$work/part" "$c"
  mkdir -p "$c/$config/RegBack" "$c/Windows/System32/drivers" "$c/Windows/inf" "$c/Windows/System32/DriverStore/FileRepository" "$c/Users/Müller" "$c/Program Files"
  # The second control set is the last known good one: the same again.
  { cat "$here/win7-system.hive.txt"; sed -n '/^\[ControlSet001/,$p' "$here/win7-system.hive.txt" | sed 's/^\[ControlSet001/[ControlSet002/'; } > "$work/system.txt"
  python3 "$tools/hive.py" "$work/system.txt" "$c/$config/SYSTEM" --name SYSTEM --index lf --root CMI-CreateHive{0297523D-E529-4E8A-BEF7-F3E26C9F6FE5}
  python3 "$tools/hive.py" "$here/win7-software.hive.txt" "$c/$config/SOFTWARE" --name SOFTWARE --index lf
  for name in ACPI atapi disk intelide lsi_sas msahci mountmgr ntfs partmgr pci pciide volmgr volsnap; do python3 "$tools/pe.py" "$c/Windows/System32/drivers/$name.sys"; done
  for name in cmd.exe winload.exe winresume.exe ntoskrnl.exe; do python3 "$tools/pe.py" "$c/Windows/System32/$name" x64 console; done
  umount "$c"
  put "$work/part" 53
  overlay win7-bios
}

states='dirty-volume dirty-log bitlocker hibernated fast-startup dirty-hive pending-servicing data-only no-fallback-loader no-boot-store foreign-boot-store two-windows'
disks='linux-ext4 sector-4096 win7-bios'
qemu-img convert -O raw "$sample/sample-win2022.vmdk" "$work/base"
# shellcheck disable=SC2086
for name in ${*:-$states $disks}; do
  case " $states " in *" $name "*) state "$name" ;; *) "$name" ;; esac
done
ls -l "$here"/*.qcow2 "$here"/*.vmdk
