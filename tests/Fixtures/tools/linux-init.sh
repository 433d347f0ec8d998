#!/bin/busybox sh
# First process of the Linux that judges edited guests; see initramfs.sh and KernelScenarioTests.cs. Kernel parameters:
#   judge_disks=NAME,...  serial numbers of the disks
#   judge_windows=N, judge_boot=N, judge_boot_type=TYPE  numbers of two partitions, and what the second one holds; none of them
#     where the disks are volumes without a partition table
#   judge_delete=PATH     a file that is deleted where it is there
# Writes to the second serial port, one line each: "NAME PHASE HASH  PATH" and "NAME PHASE dir PATH" of all files and directories,
# "NAME PHASE failed WHAT", and at last "done".
/bin/busybox mount -t proc proc /proc
/bin/busybox --install -s /bin
export PATH=/bin
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
stty -F /dev/ttyS1 raw
exec > /dev/ttyS1

for module in /modules/*; do
  insmod "$module"
done

# Kernel name of a disk. A SATA disk shows its serial number at the end of an id, with blanks around it.
find_disk() {
  for _ in $(seq 300); do
    for place in /sys/block/[sv]d*; do
      if cat "$place/serial" "$place/device/wwid" 2> /dev/null | grep -qE "(^| )$1 *\$"; then
        basename "$place"
        return
      fi
    done
    sleep 0.1
  done
}

# Runs a command; says so when it fails.
try() {
  "$@" || echo "$disk $phase failed $*"
}

print_tree() {
  (cd /disk && find . -type f -exec sha256sum {} + && find . -type d | sed 's/^/dir /') > /tree || echo "$disk $phase failed reading"
  sed "s|^|$disk $phase |" /tree
}

# Makes a directory's index grow and shrink again. One file stays.
exercise() {
  for number in $(seq 10 60); do
    seq 1 $((number * 50)) > "$1/$number kernel judge.txt" || echo "$disk $phase failed writing"
  done
  for number in $(seq 10 59); do
    try rm "$1/$number kernel judge.txt"
  done
}

for disk in $(echo "$judge_disks" | tr , ' '); do
  node=/dev/$(find_disk "$disk")
  phase=first
  try mount -t ntfs3 -o rw "$node$judge_windows" /disk
  print_tree
  phase=write
  exercise /disk/Windows/System32/drivers
  exercise "$(find /disk/Windows -maxdepth 1 -iname inf)"
  if [ -e "/disk/$judge_delete" ]; then
    try rm "/disk/$judge_delete"
  fi
  try umount /disk
  phase=second
  try mount -t ntfs3 -o ro "$node$judge_windows" /disk
  print_tree
  try umount /disk
  if [ -n "$judge_boot" ]; then
    phase=boot
    try mount -t "$judge_boot_type" -o ro "$node$judge_boot" /disk
    print_tree
    try umount /disk
  fi
done
echo done
sync
poweroff -f
