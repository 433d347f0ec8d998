#!/bin/bash
# What Tab and Get-VirtioDriver take on a driver ISO of 700 MB, and xorriso's -find on the same, in turn. See README.md.
#   drivers.sh FOLDER [--mb N] [--runs N] [--hyper2kvm PROGRAM]
# Makes FOLDER/drivers.iso once: the sample's drivers in the folders of 7 systems, and fillers as large as symbols, agents and installers.
# Exit code 1 if a goal is missed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
shell=$here/../artifacts/shell/hyper2kvm
folder=
mb=700
runs=5
while [ $# -gt 0 ]; do
  case $1 in
    --mb) mb=$2; shift ;;
    --runs) runs=$2; shift ;;
    --hyper2kvm) shell=$2; shift ;;
    *) folder=$1 ;;
  esac
  shift
done
[ -n "$folder" ] || { sed -n 2,5p "$0"; exit 2; }
mkdir -p "$folder"
iso=$folder/drivers.iso

if [ ! -f "$iso" ]; then
  work=$(mktemp -d -p "$folder")
  trap 'rm -rf "$work"' EXIT
  "$here/../tests/Fixtures/sample-virtio-win/make.sh" --tree "$work/sample"
  python3 - "$work/sample" "$work/tree" "$mb" <<'PYTHON'
import os, pathlib, shutil, sys
sample, tree, size = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3]) << 20
shutil.copytree(sample, tree)
# What the ISO of virtio-win has and the sample has not: drivers of other devices for each system, with their symbols.
infs = [path for path in sorted(sample.rglob("*.inf"))]
for device in range(14):
    for inf in infs:
        target = tree / f"device{device:02}" / inf.parent.relative_to(sample)
        target.mkdir(parents=True, exist_ok=True)
        for file in inf.parent.glob(inf.stem + ".*"):
            shutil.copy(file, target / f"{device:02}{file.name}")
        (target / f"{device:02}{inf.stem}.pdb").write_bytes(os.urandom(64 << 10))
left = size - sum(file.stat().st_size for file in tree.rglob("*") if file.is_file())
os.makedirs(tree / "guest-agent", exist_ok=True)
for part in range(4):
    with open(tree / "guest-agent" / f"installer{part}.msi", "wb") as file:
        for _ in range(max(left, 0) // 4 >> 20):
            file.write(os.urandom(1 << 20))
PYTHON
  xorriso -report_about WARNING -as mkisofs -J -joliet-long -R -V VIRTIO_WIN -o "$work/new.iso" "$work/tree"
  mv "$work/new.iso" "$iso"
  rm -rf "$work"
fi

ours() { # INFs, first Tab for names, Tab for versions, Get-VirtioDriver, mebibytes that the process read after it was loaded
  "$shell" -NoProfile -Command "
    \$ErrorActionPreference = 'Stop'; Import-Module Hyper2Kvm
    function Get-BytesRead { [long] ([System.IO.File]::ReadAllLines('/proc/self/io')[0].Split(' ')[1]) }
    function Measure-Tab([string] \$Line) {
      \$clock = [System.Diagnostics.Stopwatch]::StartNew()
      \$found = [System.Management.Automation.CommandCompletion]::CompleteInput(\$Line, \$Line.Length, \$null).CompletionMatches.Count
      if (\$found -eq 0) { throw \"Tab found nothing after: \$Line\" }
      \$clock.Elapsed.TotalSeconds
    }
    \$before = Get-BytesRead
    \$name = Measure-Tab 'Get-VirtioDriver ''$iso'' -Name '
    \$version = Measure-Tab 'Get-VirtioDriver ''$iso'' -Version '
    \$tabs = Get-BytesRead
    \$clock = [System.Diagnostics.Stopwatch]::StartNew()
    \$count = @(Get-VirtioDriver '$iso' -WarningAction SilentlyContinue).Count
    \$whole = \$clock.Elapsed.TotalSeconds
    [Console]::WriteLine('{0} {1} {2} {3} {4} {5}', \$count, \$name, \$version, \$whole, (\$tabs - \$before) / 1MB, ((Get-BytesRead) - \$tabs) / 1MB)"
}
theirs() { /usr/bin/time -f '%e' xorriso -report_about FATAL -indev "$iso" -find / -name '*.inf' 2>&1 > /dev/null | tail -1; }
for ((run = 1; run <= runs; run++)); do echo "$(ours) $(theirs)"; done | python3 -c '
import os, sys
rows = [[float(word) for word in line.split()] for line in sys.stdin]
count, name, version, whole, tab_read, read, theirs = (sorted(column)[len(column) // 2] for column in zip(*rows))
print(f"{os.path.getsize(sys.argv[1]) >> 20} MiB, {count:.0f} packages; xorriso -find {theirs:.2f} s")
print(f"Tab for names {name:.2f} s, ratio {name / theirs:.1f}; for versions {version:.2f} s, ratio {version / theirs:.1f}; both read {tab_read:.1f} MiB")
print(f"Get-VirtioDriver {whole:.2f} s, ratio {whole / theirs:.1f}; read {read:.1f} MiB")
sys.exit(name > 1 or version > 1)' "$iso"
