#!/bin/busybox sh
# First process of the Linux that stands in for Windows in a trial boot; see initramfs.sh and TrialBootScenarioTests.cs.
# Kernel parameter: stand_in_windows=N, the partition that must hold an NTFS volume with a folder Windows.
# Says on the console on which disks that volume is found and by which driver, "stand-in: up" when done, and answers as guest agent.
/bin/busybox mount -t proc proc /proc
/bin/busybox --install -s /bin
export PATH=/bin
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
for module in /modules/*; do
  insmod "$module"
done

driver_of() {
  case $(readlink -f "/sys/block/$1") in
    */ata*) echo ata ;;
    */virtio*/host*) echo virtio-scsi ;;
    */virtio*) echo virtio-blk ;;
    *) echo other ;;
  esac
}

for _ in $(seq 100); do
  for place in /sys/block/[sv]d*; do
    name=$(basename "$place")
    if [ -e "/dev/$name$stand_in_windows" ] && mount -t ntfs3 -o rw "/dev/$name$stand_in_windows" /disk 2> /dev/null; then
      if [ -d /disk/Windows ]; then
        echo "stand-in: Windows on $(driver_of "$name")"
        dd if=/dev/zero of=/disk/stand-in bs=64k count=16 2> /dev/null
        found=1
      fi
      umount /disk
    fi
  done
  [ -z "$found" ] || break
  sleep 0.1
done
echo "stand-in: up"
exec 3<> "$(echo /dev/vport*)"
while :; do
  # Ends whenever nobody is connected on the host's side.
  while read -r line <&3; do
    echo "{\"return\": $(echo "$line" | sed 's/.*"id": *\([0-9]*\).*/\1/')}" >&3
  done
  sleep 0.2
done
