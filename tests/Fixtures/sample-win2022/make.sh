#!/bin/bash
# Makes sample-win2022.vmdk: see README.md. Needs root (FUSE) and: python3 gdisk dosfstools mtools ntfs-3g fuse3 qemu-utils.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tools=$here/../tools
out=${1:-$here/sample-win2022.vmdk}
work=$(mktemp -d)
mounted=
finish() { if [ -n "$mounted" ]; then umount "$mounted" || true; fi; rm -rf "$work"; }
trap finish EXIT
export LC_ALL=C.UTF-8 TZ=UTC
stamp='2024-01-17 12:00:00'

disk_id={c0a80022-2022-4a4a-8b8b-1d2e3f405162}
esp_id={a1b2c3d4-0001-4e5f-8091-a2b3c4d5e6f7}
msr_id={a1b2c3d4-0002-4e5f-8091-a2b3c4d5e6f7}
windows_id={a1b2c3d4-0003-4e5f-8091-a2b3c4d5e6f7}
recovery_id={a1b2c3d4-0004-4e5f-8091-a2b3c4d5e6f7}

# Partitions in MiB: ESP 1+36 (the smallest FAT32), MSR 37+16, Windows 53+64, recovery 117+8; the disk has 128.
# The recovery partition stays unformatted: one more NTFS volume would cost 120 KiB for its $UpCase alone.
esp_at=1 esp_mib=36 msr_at=37 msr_mib=16 windows_at=53 windows_mib=64 recovery_at=117 recovery_mib=8 disk_mib=128

hive() { # text, output, name in the base block
  sed "s/@DISK@/$disk_id/g; s/@ESP@/$esp_id/g; s/@WINDOWS@/$windows_id/g; s/@RECOVERY@/$recovery_id/g" "$here/$1" > "$work/hive.txt"
  python3 "$tools/hive.py" "$work/hive.txt" "$2" --name "$3" --logs
}
pe() { python3 "$tools/pe.py" "$@"; }

# ---- the tree of C: ----
c=$work/c
config=$c/Windows/System32/config drivers=$c/Windows/System32/drivers store=$c/Windows/System32/DriverStore/FileRepository
catroot="$c/Windows/System32/CatRoot/{F750E6C3-38EE-11D1-85E5-00C04FC295EE}"
mkdir -p "$config/RegBack" "$drivers/de-DE" "$drivers/etc" "$store" "$catroot" "$c/Windows/INF" "$c/Windows/Boot/EFI" "$c/Windows/Boot/Fonts" \
  "$c/Windows/WinSxS" "$c/Windows/Temp" "$c/Program Files/VMware/VMware Tools" "$c/Program Files/Common Files" "$c/ProgramData" "$c/PerfLogs" \
  "$c/Users/Jürgen Größe/Dokumente/Übersicht Änderungen" "$c/Users/Public" "$c/System Volume Information"
hive system.hive.txt "$config/SYSTEM" SYSTEM
hive software.hive.txt "$config/SOFTWARE" 'emRoot\System32\Config\SOFTWARE'
hive drivers.hive.txt "$config/DRIVERS" '\SystemRoot\System32\Config\DRIVERS'
for name in 1394ohci ACPI afd ahcache atapi BasicDisplay cdrom CLFS classpnp cng disk dumpfve EhStorClass fltMgr fvevol http intelide intelppm \
  iorate kbdclass ksecdd lsi_sas mouclass mountmgr msahci ndis netio ntfs partmgr pci pciide pciidex pcw rdyboost spaceport storahci storport \
  stornvme storvsc tcpip tm usbxhci vdrvroot vmbus vmci volmgr volmgrx volsnap Wdf01000 werkernel; do
  pe "$drivers/$name.sys"
done
printf '127.0.0.1 localhost\r\n' > "$drivers/etc/hosts"
for name in winload winresume; do pe "$c/Windows/System32/$name.efi" x64 efi; done
for name in cmd autochk services pnputil; do pe "$c/Windows/System32/$name.exe" x64 console; done
for name in ntoskrnl.exe hal.dll ci.dll; do pe "$c/Windows/System32/$name"; done
for name in bootmgfw bootmgr memtest; do pe "$c/Windows/Boot/EFI/$name.efi" x64 efi; done
package() { # inf name below INF, label, provider, class, class id, version, files...
  mkdir -p "$store/$2"
  printf '%s\r\n' '[Version]' 'Signature="$Windows NT$"' "Class=$4" "ClassGuid=$5" "Provider=\"$3\"" "DriverVer=$6" "CatalogFile=${2%%.inf*}.cat" > "$store/$2/${2%%.inf*}.inf"
  cp "$store/$2/${2%%.inf*}.inf" "$c/Windows/INF/$1"
  printf 'Stand-in for a catalogue' > "$store/$2/${2%%.inf*}.cat"
  case $1 in oem*) cp "$store/$2/${2%%.inf*}.cat" "$catroot/${1%.inf}.cat" ;; esac
  local file; for file in "${@:7}"; do pe "$store/$2/$file"; done
}
package disk.inf disk.inf_amd64_1122334455667788 Microsoft DiskDrive '{4d36e967-e325-11ce-bfc1-08002be10318}' 06/21/2006,10.0.20348.1 disk.sys
package lsi_sas.inf lsi_sas.inf_amd64_2233445566778899 Microsoft SCSIAdapter '{4d36e97b-e325-11ce-bfc1-08002be10318}' 05/01/2015,1.34.3.83 lsi_sas.sys
package mshdc.inf mshdc.inf_amd64_0a1b2c3d4e5f6071 Microsoft hdc '{4d36e96a-e325-11ce-bfc1-08002be10318}' 06/21/2006,10.0.20348.1 storahci.sys atapi.sys pciide.sys intelide.sys
package stornvme.inf stornvme.inf_amd64_33445566778899aa Microsoft SCSIAdapter '{4d36e97b-e325-11ce-bfc1-08002be10318}' 06/21/2006,10.0.20348.1 stornvme.sys
package net1ix64.inf net1ix64.inf_amd64_1c2d3e4f5a6b7c8d Microsoft Net '{4d36e972-e325-11ce-bfc1-08002be10318}' 05/08/2021,10.0.20348.1 e1i65x64.sys
package oem0.inf pvscsi.inf_amd64_445566778899aabb 'VMware, Inc.' SCSIAdapter '{4d36e97b-e325-11ce-bfc1-08002be10318}' 03/30/2021,1.3.18.0 pvscsi.sys
package oem1.inf vmxnet3.inf_amd64_20a1b2c3d4e5f607 'VMware, Inc.' Net '{4d36e972-e325-11ce-bfc1-08002be10318}' 11/02/2021,1.9.4.0 vmxnet3.sys
package oem2.inf vmci.inf_amd64_5566778899aabbcc 'VMware, Inc.' System '{4d36e97d-e325-11ce-bfc1-08002be10318}' 10/12/2021,9.8.18.0 vmci.sys
pe "$c/Program Files/VMware/VMware Tools/vmtoolsd.exe" x64 console
printf 'Grüße aus dem Büro\r\n' > "$c/Users/Jürgen Größe/Dokumente/Übersicht Änderungen/Notiz.txt"
truncate -s 1M "$c/pagefile.sys"

# ---- the ESP ----
e=$work/e
mkdir -p "$e/EFI/Microsoft/Boot/de-DE" "$e/EFI/Boot"
for name in bootmgfw bootmgr memtest; do pe "$e/EFI/Microsoft/Boot/$name.efi" x64 efi; done
cp "$e/EFI/Microsoft/Boot/bootmgfw.efi" "$e/EFI/Boot/bootx64.efi"
hive bcd.hive.txt "$e/EFI/Microsoft/Boot/BCD" BCD
find "$e" "$c" -exec touch -d "$stamp" {} +

truncate -s ${esp_mib}M "$work/esp"
mkfs.fat -F 32 -s 1 -h $((esp_at * 2048)) -i 20220001 -n SYSTEM --invariant "$work/esp" > /dev/null
mcopy -i "$work/esp" -s -m "$e/EFI" ::

truncate -s ${windows_mib}M "$work/windows"
mkntfs -q -F -Q -p $((windows_at * 2048)) -H 255 -S 63 -s 512 -c 4096 "$work/windows" 2> /dev/null
ntfslabel --new-serial=2022C0DE20220003 "$work/windows" > /dev/null
mkdir "$work/mnt"
ntfs-3g "$work/windows" "$work/mnt"
mounted=$work/mnt
cp -a "$c/." "$mounted/"
touch -d "$stamp" "$mounted"
umount "$mounted"
mounted=

# ---- the disk ----
truncate -s ${disk_mib}M "$work/disk"
part() { echo "-n $1:$(($2 * 2048)):$((($2 + $3) * 2048 - 1)) -t $1:$4 -u $1:${5//[\{\}]/}"; }
sgdisk -Z "$work/disk" > /dev/null
# shellcheck disable=SC2046
sgdisk -a 2048 -U "${disk_id//[\{\}]/}" \
  $(part 1 $esp_at $esp_mib ef00 $esp_id) $(part 2 $msr_at $msr_mib 0c01 $msr_id) \
  $(part 3 $windows_at $windows_mib 0700 $windows_id) $(part 4 $recovery_at $recovery_mib 2700 $recovery_id) \
  -c '1:EFI system partition' -c '2:Microsoft reserved partition' -c '3:Basic data partition' -c '4:Basic data partition' \
  -A 1:set:63 -A 4:set:0 -A 4:set:63 "$work/disk" > /dev/null
put() { dd if="$work/$1" of="$work/disk" bs=1M seek="$2" conv=notrunc,sparse status=none; }
put esp $esp_at; put windows $windows_at
python3 "$tools/vmdk.py" "$work/disk" "$out"
if [ -n "${KEEP_RAW:-}" ]; then cp --sparse=always "$work/disk" "$KEEP_RAW"; fi
ls -l "$out"
