#!/bin/bash
# Puts Windows' boot manager for BIOS on a raw MBR disk, and GRUB into the gap before its first partition to start it: mkntfs writes no boot code.
# Needs grub-pc-bin, grub-common, ntfs-3g. Usage: bootmgr.sh DISK.raw BOOTMGR FIRST-SECTOR SECTORS   (of the partition that the manager lies on)
set -euo pipefail
disk=$1 manager=$2 first=$3 count=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

dd if="$disk" of="$work/volume" bs=512 skip="$first" count="$count" conv=sparse status=none
ntfscp -q -f "$work/volume" "$manager" /bootmgr
dd if="$work/volume" of="$disk" bs=512 seek="$first" conv=notrunc status=none

printf 'set root=(hd0,msdos1)\nntldr /bootmgr\nboot\n' > "$work/load.cfg"
grub-mkimage -O i386-pc -o "$work/core.img" -c "$work/load.cfg" -p '(hd0,msdos1)/grub' biosdisk part_msdos ntfs ntldr normal
dd if=/usr/lib/grub/i386-pc/boot.img of="$disk" bs=440 count=1 conv=notrunc status=none
dd if="$work/core.img" of="$disk" bs=512 seek=1 conv=notrunc status=none
