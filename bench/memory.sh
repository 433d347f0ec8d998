#!/bin/bash
# Time and memory of an edit and of Test-WindowsDisk on a guest that make-guest.sh made, each in a process of its own.
#   memory.sh FOLDER [--hyper2kvm PROGRAM]
# The runtime is let as free as it comes, with the machine's memory before it: what is printed is the most that was resident.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
shell=$here/../artifacts/shell/hyper2kvm
folder=
while [ $# -gt 0 ]; do
  case $1 in
    --hyper2kvm) shell=$2; shift ;;
    *) folder=$1 ;;
  esac
  shift
done
[ -n "$folder" ] || { sed -n 2,4p "$0"; exit 2; }
disk=$folder/disk.raw iso=$folder/virtio-win.iso
trap 'rm -f "$folder/disk.kvm.qcow2" "$folder/disk.kvm.qcow2.h2kv.jsonl"' EXIT
run() { # what, command
  local said
  said=$(/usr/bin/time -f '%e %M' "$shell" -NoProfile -Command "\$ErrorActionPreference = 'Stop'; Import-Module Hyper2Kvm; $2" 2>&1)
  printf '%-28s %s\n' "$1" "$(echo "$said" | awk 'END { printf "%.1f s, %d MiB", $1, $2 / 1024 }')"
  echo "$said" | sed '$d'
}
run 'the shell alone' ''
run 'Get-WindowsLayout' "[Console]::WriteLine((Get-WindowsLayout '$disk').Windows)"
run 'Add-BootStartStorage' "[Console]::WriteLine((Get-WindowsLayout '$disk' | New-VirtioDriverPlan '$iso' -AllowUnsignedDriver | Add-BootStartStorage).ImagePath)"
run 'Test-WindowsDisk -Quick' "[Console]::WriteLine((Test-WindowsDisk '$disk' -Quick).IsClean)"
run 'Test-WindowsDisk' "[Console]::WriteLine((Test-WindowsDisk '$disk').IsClean)"
