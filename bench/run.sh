#!/bin/bash
# Compares Hyper2Kvm with the same job done by hand and by virt-v2v, interleaved in one run. See README.md.
#   run.sh FOLDER [--runs N] [--v2v-runs N] [--disk NAME] [--hyper2kvm PROGRAM]
# FOLDER was made by make-guest.sh; --disk disk.vmdk gives our side another format of its disk. Runs as root (loop device, FUSE).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
runs=5
v2v_runs=1
shell=$here/../artifacts/shell/hyper2kvm
name=disk.raw
folder=
while [ $# -gt 0 ]; do
  case $1 in
    --runs) runs=$2; shift ;;
    --v2v-runs) v2v_runs=$2; shift ;;
    --disk) name=$2; shift ;;
    --hyper2kvm) shell=$2; shift ;;
    *) folder=$1 ;;
  esac
  shift
done
[ -n "$folder" ] || { sed -n 2,4p "$0"; exit 2; }
folder=$(cd "$folder" && pwd)
disk=$folder/disk.raw iso=$folder/virtio-win.iso
windows_at=$((117 << 20)) windows_size=$((19860 << 20))       # as make-guest.sh lays it out
work=$folder/run
loop=
finish() {
  if mountpoint -q "$work/mnt"; then umount "$work/mnt"; fi
  if [ -n "$loop" ]; then losetup -d "$loop"; fi
  rm -rf "$work"
}
trap finish EXIT
rm -rf "$work"
mkdir -p "$work/mnt"
export LC_ALL=C.UTF-8
results=$work/results
: > "$results"
record() { echo "$@" >> "$results"; }                          # who seconds read-bytes rss-KiB
now() { echo "${EPOCHREALTIME/[.,]/}"; }
seconds() { awk "BEGIN { print ($2 - $1) / 1e6 }"; }

# The cost of the measured tool itself is what counts: everybody finds the disk's blocks in the page cache.
native_disk=$work/native.raw
cp --sparse=always "$disk" "$native_disk"
mkdir "$work/iso"
xorriso -osirrox on -indev "$iso" -extract / "$work/iso" > /dev/null 2>&1      # not timed: where the ISO can be mounted it costs nothing
if [ "$v2v_runs" -gt 0 ]; then
  mkdir "$work/virt-tools"
  for tool in rhsrvany pnp_wait; do python3 "$here/../tests/Fixtures/tools/pe.py" "$work/virt-tools/$tool.exe" x86 console; done
fi

ours() {
  local run=$work/ours
  rm -rf "$run"
  mkdir -p "$run/out"
  ln "$folder/$name" "$run/$name"
  /usr/bin/time -o "$work/time" -f '%e %M' "$shell" -NoProfile -File "$here/pipeline.ps1" "$run/$name" "$iso" "$run/out" > "$work/json"
  local ms read overlay wall rss
  IFS=, read -r ms read overlay < <(tail -1 "$work/json" | tr -d '{}"a-z:')
  read -r wall rss < "$work/time"
  record ours "$(awk "BEGIN { print $ms / 1000 }")" "$read" "$rss"
  record ours-process "$wall" "$read" "$rss"
  [ "${1:-}" = check ] && qemu-img check -q "$run"/*.qcow2
  rm -rf "$run"
}

by_hand() {
  local from to windows=$work/mnt/Windows drivers number=90
  from=$(now)
  loop=$(losetup --find --show -o $windows_at --sizelimit $windows_size "$native_disk")
  ntfs-3g "$loop" "$work/mnt"
  for driver in viostor vioscsi NetKVM; do
    drivers=$work/iso/$driver/w10/amd64
    local base=${driver,,} package
    package=$windows/System32/DriverStore/FileRepository/$base.inf_amd64_00000000000000$number
    mkdir -p "$package"
    cp "$drivers"/* "$package/"
    cp "$drivers/$base.inf" "$windows/INF/oem$number.inf"
    cp "$drivers/$base.cat" "$windows/System32/CatRoot/{F750E6C3-38EE-11D1-85E5-00C04FC295EE}/oem$number.cat"
    cp "$drivers/$base.sys" "$windows/System32/drivers/$base.sys"
    number=$((number + 1))
  done
  hivexregedit --merge "$windows/System32/config/SYSTEM" "$here/native.reg"
  umount "$work/mnt"
  losetup -d "$loop"
  to=$(now)
  loop=
  record by-hand "$(seconds "$from" "$to")" 0 0
}

v2v() {
  local wall rss
  rm -f "$work/v2v.qcow2"
  qemu-img create -q -f qcow2 -b "$disk" -F raw "$work/v2v.qcow2"
  # No machine that has no KVM may pick it by mistake: the appliance is always emulated here.
  LIBGUESTFS_BACKEND=direct LIBGUESTFS_BACKEND_SETTINGS=force_tcg VIRTIO_WIN=$iso VIRT_TOOLS_DATA_DIR=$work/virt-tools \
    /usr/bin/time -o "$work/time" -f '%e %M' virt-v2v-in-place -i disk "$work/v2v.qcow2" > "$work/v2v.log" 2>&1 || { tail -5 "$work/v2v.log"; return 1; }
  read -r wall rss < "$work/time"
  record virt-v2v "$wall" 0 "$rss"
}

if [ -x "$shell" ]; then ours check; : > "$results"; else echo "Not built: $shell. Measuring the others only."; shell=; fi
by_hand
: > "$results"                                                  # the first round warms the page cache for everybody
for ((round = 1; round <= runs; round++)); do
  [ -z "$shell" ] || ours
  by_hand
  [ "$round" -gt "$v2v_runs" ] || v2v
  echo "round $round of $runs"
done
python3 "$here/table.py" "$results"
