#!/usr/bin/env python3
"""Prints medians and ratios of what run.sh measured, and whether the targets are met. Exit code 1 if one is missed."""
import statistics
import sys



def mebibytes(count):
    return f"{count / 2**20:10.1f}" if count else f"{'-':>10}"


rows = {}
with open(sys.argv[1], encoding="utf-8") as file:
    for line in file:
        who, *numbers = line.split()
        rows.setdefault(who, []).append([float(number) for number in numbers])

median = {who: [statistics.median(column) for column in zip(*runs)] for who, runs in rows.items()}
spread = {who: (min(run[0] for run in runs), max(run[0] for run in runs)) for who, runs in rows.items()}
names = {"ours": "Hyper2Kvm, six cmdlets", "ours-process": "  the same with the start of the shell",
         "by-hand": "ntfs-3g + hivexregedit by hand", "virt-v2v": "virt-v2v-in-place, emulated appliance"}

print(f"{'':40}{'median s':>10}{'min':>9}{'max':>9}{'runs':>6}{'read MiB':>10}{'peak MiB':>10}")
for who, text in names.items():
    if who in median:
        seconds, read, rss = median[who]
        print(f"{text:40}{seconds:10.3f}{spread[who][0]:9.3f}{spread[who][1]:9.3f}{len(rows[who]):6}"
              f"{mebibytes(read)}{mebibytes(rss * 1024)}")

if "ours" not in median:
    sys.exit(0)
seconds, read, rss = median["ours"]
targets = [("bytes read < 64 MiB", read / 2**20, 64), ("peak memory < 200 MiB", rss / 1024, 200)]
if "by-hand" in median:
    targets.append(("time / by hand <= 1.0", seconds / median["by-hand"][0], 1.0))
if "virt-v2v" in median:
    targets.append(("time / virt-v2v <= 0.01", seconds / median["virt-v2v"][0], 0.01))
missed = 0
for text, value, limit in targets:
    met = value <= limit
    missed += not met
    print(f"{text:40}{value:10.4g}  {'met' if met else 'MISSED'}")
sys.exit(1 if missed else 0)
