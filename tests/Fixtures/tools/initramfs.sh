#!/bin/bash
# Packs a first process, busybox and the modules it needs as a root file system for a Linux kernel.
# Needs: busybox-static cpio kmod xz-utils.
# Usage: initramfs.sh ROOT VERSION OUT.cpio [INIT]     (ROOT/lib/modules/VERSION has the modules; INIT is linux-init.sh by default)
set -euo pipefail
root=$1 version=$2 out=$3 init=${4:-$(dirname "$0")/linux-init.sh}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{bin,dev,proc,sys,disk,modules}
cp "$(command -v busybox)" "$work/bin/busybox"
cp "$init" "$work/init"
chmod +x "$work/init"

count=100     # They are loaded in the order of their names.
for module in ahci ata_piix sd_mod virtio_pci virtio_blk virtio_scsi virtio_console ntfs3 vfat nls_cp437 nls_ascii; do
  modprobe -d "$root" -S "$version" --show-depends "$module" | while read -r kind path _; do
    name=$(basename "$path")
    if [ "$kind" != insmod ] || compgen -G "$work/modules/*-${name%%.*}.ko" > /dev/null; then
      continue
    fi
    target=$work/modules/$((count++))-${name%%.*}.ko
    case $path in
      *.xz) xz -dc "$path" > "$target" ;;
      *.zst) zstd -qdc "$path" > "$target" ;;
      *) cp "$path" "$target" ;;
    esac
  done
  count=$((count + 50))
done
(cd "$work" && find . -mindepth 1 | sort | cpio --quiet -o -H newc) > "$out"
