#!/bin/bash
# Makes a raw Windows disk from two folders with tools that nobody here wrote. Needs root (FUSE) and:
# gdisk fdisk dosfstools mtools ntfs-3g fuse3.
# Usage: guest.sh OUT.raw gpt|mbr TREE-OF-C BOOT-TREE MIB-OF-C [CLUSTER-SIZE [FREE-KIB]]
#   gpt: ESP (FAT32, 36 MiB) with BOOT-TREE, MSR, then C:.   mbr: active system partition (NTFS, 32 MiB) with BOOT-TREE, then C:.
#   FREE-KIB: fill C: up with one file until about so much is free. C: has a cluster less than its size: one sector is the spare boot sector.
set -euo pipefail
export LC_ALL=C.UTF-8     # ntfs-3g takes names by the locale
out=$1 style=$2 tree=$3 boot=$4 mib=$5 cluster=${6:-4096} free=${7:-}
work=$(mktemp -d)
mounted=
finish() { if [ -n "$mounted" ]; then umount "$mounted" || true; fi; rm -rf "$work"; }
trap finish EXIT

ntfs() { # image, MiB, first MiB on the disk, tree
  truncate -s "${2}M" "$work/$1"
  mkntfs -q -F -Q -p $(($3 * 2048)) -H 255 -S 63 -s 512 -c "$cluster" "$work/$1" 2> /dev/null
  mkdir -p "$work/mnt"
  ntfs-3g "$work/$1" "$work/mnt"
  mounted=$work/mnt
  cp -a "$4/." "$mounted/"
  if [ -n "$free" ] && [ "$1" = c ]; then
    { yes 'in use' || true; } | head -c $((($(df --output=avail -k "$mounted" | tail -n 1) - free) * 1024)) > "$mounted/filler.bin"
  fi
  umount "$mounted"
  mounted=
}
put() { dd if="$work/$1" of="$out" bs=1M seek="$2" conv=notrunc,sparse status=none; }

rm -f "$out"
if [ "$style" = gpt ]; then
  truncate -s "$((mib + 55))M" "$out"
  sgdisk -Z "$out" > /dev/null 2>&1 || true
  sgdisk -a 2048 -n 1:2048:+36M -t 1:ef00 -n 2:0:+16M -t 2:0c01 -n "3:0:+${mib}M" -t 3:0700 "$out" > /dev/null
  truncate -s 36M "$work/esp"
  mkfs.fat -F 32 -s 1 -h 2048 "$work/esp" > /dev/null
  mcopy -i "$work/esp" -s -m "$boot"/* ::
  ntfs c "$mib" 53 "$tree"
  put esp 1
  put c 53
else
  truncate -s "$((mib + 34))M" "$out"
  printf 'label: dos\nlabel-id: 0x5cbea03e\nstart=2048, size=32MiB, type=7, bootable\nsize=%sMiB, type=7\n' "$mib" | sfdisk -q "$out"
  ntfs system 32 1 "$boot"
  ntfs c "$mib" 33 "$tree"
  put system 1
  put c 33
fi
