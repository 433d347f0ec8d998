#!/usr/bin/env python3
"""Compares Convert-DiskImage with qemu-img convert, interleaved in one run, and prints ratios. See README.md.

  convert.py FOLDER [--gib N] [--runs N] [--hyper2kvm PROGRAM] [--rows NAME,...]

FOLDER gets the test disks (made once, kept) and the results (deleted). Exit code 1 when a goal is missed.
"""
import argparse
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
MIB = 1 << 20
LIMIT_KIB = 256 * 1024

# name, source, -Compression, options of qemu-img, goal
ROWS = [
    ('vmdk', 'disk.vmdk', 'None', [], 1.0),
    ('vhdx', 'disk.vhdx', 'None', [], 1.0),
    ('stream', 'stream.vmdk', 'None', [], 0.6),
    ('raw', 'disk.raw', 'None', [], 1.0),
    ('zlib', 'disk.raw', 'Zlib', ['-c', '-o', 'compression_type=zlib'], 0.6),
    ('zstd', 'disk.raw', 'Zstd', ['-c', '-o', 'compression_type=zstd'], 0.6),
]
# Who flushes at the end and who does not: ours always does.
FLUSHED = [['-t', 'writeback'], ['-T', 'none', '-t', 'none']]
UNFLUSHED = [[]]


def text(rng, words, length):
    parts, size = [], 0
    while size < length:
        word = words[min(int(rng.expovariate(1 / 300)), len(words) - 1)]
        parts.append(word)
        size += len(word)
    return b''.join(parts)[:length]


def code(rng, length):
    out = bytearray(length)
    for at in range(0, length, 16):
        out[at] = rng.choice((0x48, 0x8B, 0x89, 0xE8, 0x0F))
        out[at + 1:at + 3] = rng.getrandbits(12).to_bytes(2, 'little')
        out[at + 5] = rng.getrandbits(8)
        out[at + 8:at + 11] = rng.getrandbits(20).to_bytes(3, 'little')
        out[at + 13] = 0xFF
    return bytes(out)


def make_raw(path, gib):
    """A third of the disk is a hole; of the rest three parts of ten are random, the others like text and like machine code."""
    rng = random.Random(1)
    words = [bytes(rng.choice(b'abcdefghijklmnopqrstuvwxyz') for _ in range(rng.randint(2, 9))) + b' ' for _ in range(4000)]
    parts = [text(rng, words, MIB) for _ in range(12)] + [code(rng, MIB) for _ in range(12)]
    with open(path, 'wb') as disk:
        for _ in range(gib * 1024):
            kind = rng.random()
            if kind < 0.33:
                disk.seek(MIB, 1)
            elif kind < 0.53:
                disk.write(os.urandom(MIB))
            else:
                part, at = rng.choice(parts), rng.randrange(MIB // 16) * 16
                disk.write(part[at:] + part[:at])
        disk.truncate(gib << 30)


def prepare(folder, gib):
    os.makedirs(folder, exist_ok=True)
    raw = os.path.join(folder, 'disk.raw')
    if not os.path.exists(raw) or os.path.getsize(raw) != gib << 30:
        make_raw(raw, gib)
        for name, options in (('disk.vmdk', ['-O', 'vmdk']), ('disk.vhdx', ['-O', 'vhdx']),
                              ('stream.vmdk', ['-O', 'vmdk', '-o', 'subformat=streamOptimized'])):
            subprocess.run(['qemu-img', 'convert', '-W', '-m', '16', *options, raw, os.path.join(folder, name)], check=True)
    subprocess.run(['sync'], check=True)
    return raw


def timed(command):
    """Seconds, KiB at the peak, output; None when the command fails (a file system without O_DIRECT)."""
    with tempfile.NamedTemporaryFile('r') as report:
        start = time.monotonic()
        run = subprocess.run(['/usr/bin/time', '-o', report.name, '-f', '%M', *command], capture_output=True, text=True)
        wall = time.monotonic() - start
        return None if run.returncode else (wall, int(report.read().split()[-1]), run.stdout)


def ours(shell, source, target, compression):
    script = (f"$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue'; Import-Module Hyper2Kvm; "
              f"$clock = [Diagnostics.Stopwatch]::StartNew(); "
              f"$null = Convert-DiskImage -LiteralPath '{source}' -Destination '{target}' -Compression {compression} -Force; "
              f"\"ms=$($clock.ElapsedMilliseconds)\"")
    result = timed([shell, '-NoProfile', '-Command', script])
    if result is None:
        sys.exit('Convert-DiskImage failed')
    return int(re.search(r'ms=(\d+)', result[2]).group(1)) / 1000, result[1]


def best(variants, source, target, options):
    """The fastest way of qemu-img on this machine."""
    times = []
    for flags in variants:
        remove(target)
        result = timed(['qemu-img', 'convert', '-W', '-m', '16', *flags, '-O', 'qcow2', *options, source, target])
        if result:
            times.append(result[0])
    return min(times)


def remove(path):
    if os.path.exists(path):
        os.remove(path)


def plain_copy(source, target):
    start = time.monotonic()
    subprocess.run(['cp', '--sparse=always', source, target], check=True)
    subprocess.run(['sync', target], check=True)
    wall = time.monotonic() - start
    remove(target)
    return wall


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('folder')
    parser.add_argument('--gib', type=int, default=4)
    parser.add_argument('--runs', type=int, default=3)
    parser.add_argument('--rows', default=','.join(row[0] for row in ROWS))
    parser.add_argument('--hyper2kvm', default=os.path.join(HERE, '..', 'artifacts', 'shell', 'hyper2kvm'))
    arguments = parser.parse_args()
    folder = os.path.abspath(arguments.folder)
    raw = prepare(folder, arguments.gib)
    mine, theirs = os.path.join(folder, 'ours.qcow2'), os.path.join(folder, 'theirs.qcow2')
    missed = False
    print(f'{"row":8}{"ours s":>9}{"qemu s":>9}{"ratio":>7}{"goal":>6}{"no flush":>10}{"ratio":>7}{"copy s":>8}{"peak MiB":>10}{"ours MiB":>10}{"qemu MiB":>10}')
    for name, source, compression, options, goal in ROWS:
        if name not in arguments.rows.split(','):
            continue
        source = os.path.join(folder, source)
        seconds, peak, flushed, loose, copies = [], 0, [], [], []
        for _ in range(arguments.runs):
            remove(mine)
            wall, kib = ours(arguments.hyper2kvm, source, mine, compression)
            seconds.append(wall)
            peak = max(peak, kib)
            flushed.append(best(FLUSHED, source, theirs, options))
            loose.append(best(UNFLUSHED, source, theirs, options))
            copies.append(plain_copy(source, os.path.join(folder, 'copy')))
        subprocess.run(['qemu-img', 'compare', '-q', raw, mine], check=True)
        middle = [statistics.median(values) for values in (seconds, flushed, loose, copies)]
        ratio = middle[0] / middle[1]
        missed |= ratio > goal or peak >= LIMIT_KIB
        sizes = [os.stat(path).st_blocks // 2048 for path in (mine, theirs)]
        print(f'{name:8}{middle[0]:9.2f}{middle[1]:9.2f}{ratio:7.2f}{goal:6.1f}{middle[2]:10.2f}{middle[0] / middle[2]:7.2f}'
              f'{middle[3]:8.2f}{peak / 1024:10.0f}{sizes[0]:10}{sizes[1]:10}', flush=True)
        remove(mine)
        remove(theirs)
    sys.exit(1 if missed else 0)


if __name__ == '__main__':
    main()
