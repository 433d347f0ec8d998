#!/bin/bash
# Makes a raw Windows disk from two folders with tools that nobody here wrote. Needs root (FUSE) and:
# gdisk fdisk dosfstools mtools ntfs-3g fuse3 util-linux.
# Usage: guest.sh OUT.raw STYLE TREE-OF-C BOOT-TREE MIB-OF-C [CLUSTER-SIZE [FREE-KIB]]
#   gpt       ESP (FAT32, 36 MiB) with BOOT-TREE, MSR, then C:
#   gpt-4k    the same on a disk with sectors of 4096 bytes, whose ESP is FAT16; needs a loop device
#   mbr       active system partition (NTFS, 32 MiB) with BOOT-TREE, then C:
#   mbr-fat   the same with C: as FAT32
#   FREE-KIB  fill C: (NTFS) up with one file until about so much is free
# An NTFS C: has a cluster less than its partition: one sector of it is the spare boot sector.
set -euo pipefail
export LC_ALL=C.UTF-8     # ntfs-3g and mtools take names by the locale
out=$1 style=$2 tree=$3 boot=$4 mib=$5 cluster=${6:-4096} free=${7:-}
sector=512
work=$(mktemp -d)
mounted= loop=
finish() {
  if [ -n "$mounted" ]; then umount "$mounted"; fi
  if [ -n "$loop" ]; then losetup -d "$loop"; fi
  rm -rf "$work"
}
trap finish EXIT

ntfs() { # image, MiB, first MiB on the disk, tree
  truncate -s "${2}M" "$work/$1"
  mkntfs -q -F -Q -p $(($3 * 1048576 / sector)) -H 255 -S 63 -s "$sector" -c "$cluster" "$work/$1" 2> /dev/null
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
fat() { # image, MiB, first MiB on the disk, tree, bits
  truncate -s "${2}M" "$work/$1"
  mkfs.fat -F "$5" -S "$sector" -s 1 -h $(($3 * 1048576 / sector)) "$work/$1" > /dev/null
  mcopy -i "$work/$1" -s -m "$4"/* ::
}
gpt() { # disk
  local mebibyte=$((1048576 / sector))
  sgdisk -a "$mebibyte" -n "1:$mebibyte:+36M" -t 1:ef00 -n 2:0:+16M -t 2:0c01 -n "3:0:+${mib}M" -t 3:0700 "$1" > /dev/null
}
mbr() { # type of C:
  truncate -s "$((mib + 34))M" "$out"
  printf 'label: dos\nlabel-id: 0x5cbea03e\nstart=2048, size=32MiB, type=7, bootable\nsize=%sMiB, type=%s\n' "$mib" "$1" | sfdisk -q "$out"
}
put() { dd if="$work/$1" of="$out" bs=1M seek="$2" conv=notrunc,sparse status=none; }

rm -f "$out"
case $style in
  gpt | gpt-4k)
    truncate -s "$((mib + 55))M" "$out"
    if [ "$style" = gpt ]; then
      gpt "$out"
      fat system 36 1 "$boot" 32
    else
      sector=4096
      loop=$(losetup --find --show -b "$sector" "$out")
      gpt "$loop"
      losetup -d "$loop"
      loop=
      fat system 36 1 "$boot" 16
    fi
    ntfs c "$mib" 53 "$tree"
    put c 53
    ;;
  mbr)
    mbr 7
    ntfs system 32 1 "$boot"
    ntfs c "$mib" 33 "$tree"
    put c 33
    ;;
  mbr-fat)
    mbr c
    ntfs system 32 1 "$boot"
    fat c "$mib" 33 "$tree" 32
    put c 33
    ;;
esac
put system 1
