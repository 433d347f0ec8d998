#!/bin/bash
# A folder of many files listed by Get-ChildItem on a drive of WindowsDisk and by ntfsls, in turn. See README.md; run as root.
#   browse.sh FOLDER [--files N] [--runs N] [--hyper2kvm PROGRAM]
# Makes FOLDER/browse.raw once: one NTFS volume with N files (100000) in \many. Exit code 1 if a goal is missed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
shell=$here/../artifacts/shell/hyper2kvm
folder=
files=100000
runs=3
while [ $# -gt 0 ]; do
  case $1 in
    --files) files=$2; shift ;;
    --runs) runs=$2; shift ;;
    --hyper2kvm) shell=$2; shift ;;
    *) folder=$1 ;;
  esac
  shift
done
[ -n "$folder" ] || { sed -n 2,4p "$0"; exit 2; }
mkdir -p "$folder"
disk=$folder/browse.raw
work=$(mktemp -d)
loop=
finish() {
  if mountpoint -q "$work"; then umount "$work"; fi
  if [ -n "$loop" ]; then losetup -d "$loop"; fi
  rm -rf "$work" "$disk.new"
}
trap finish EXIT

if [ ! -f "$disk" ]; then
  truncate -s 2G "$disk.new"
  sgdisk -n 1:2048:0 -t 1:0700 "$disk.new" > /dev/null
  loop=$(losetup --find --show -o $((2048 * 512)) --sizelimit $((2046 << 20)) "$disk.new")
  mkntfs -q -Q -p 2048 -H 255 -S 63 -s 512 -c 4096 "$loop"
  ntfs-3g "$loop" "$work"
  python3 - "$work/many" "$files" <<'PYTHON'
import os, sys
folder, count = sys.argv[1], int(sys.argv[2])
os.mkdir(folder)
for n in range(count):
    with open(f"{folder}/file number {n:07}.txt", "wb") as file:
        file.write(b"x" * (n % 50))
PYTHON
  umount "$work"
  losetup -d "$loop"
  loop=
  mv "$disk.new" "$disk"
fi

dd if="$disk" of="$work/volume" bs=1M skip=1 conv=sparse status=none
ours() { # the process: its time, its memory; the listing alone: its time
  /usr/bin/time -f '%M' "$shell" -NoProfile -Command "
    \$ErrorActionPreference = 'Stop'; Import-Module Hyper2Kvm; \$null = New-PSDrive many WindowsDisk '$disk/partition1'
    \$clock = [System.Diagnostics.Stopwatch]::StartNew(); \$count = 0; Get-ChildItem many:\\many | ForEach-Object { \$count++ }
    [Console]::WriteLine('{0} {1:0.00}', \$count, \$clock.Elapsed.TotalSeconds)" 2>&1 | paste -sd ' '
}
theirs() { /usr/bin/time -f '%e %M' ntfsls -l -p /many "$work/volume" 2>&1 > "$work/list" | tail -1; }
for ((run = 1; run <= runs; run++)); do
  read -r count seconds memory < <(ours)
  read -r other_seconds other_memory < <(theirs)
  echo "$count $seconds $memory $other_seconds $other_memory $(wc -l < "$work/list")"
done | python3 -c '
import sys
rows = [[float(word) for word in line.split()] for line in sys.stdin]
count, ours, memory, theirs, other_memory, listed = (sorted(column)[len(column) // 2] for column in zip(*rows))
print(f"{count:.0f} items of ours, {listed:.0f} lines of ntfsls")
print(f"Get-ChildItem {ours:.2f} s, {memory / 1024:.0f} MiB; ntfsls -l {theirs:.2f} s, {other_memory / 1024:.0f} MiB; ratio {ours / theirs:.2f}")
sys.exit(count + 1 != listed or ours > 10 * theirs or memory > 256 * 1024)  # ntfsls lists '.' too'
