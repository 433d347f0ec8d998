#!/usr/bin/env python3
"""Converts a raw disk to a stream-optimized VMDK and leaves out what qemu-img fills up with zeros.

Usage: vmdk.py RAW VMDK
"""
import subprocess
import sys

raw, vmdk = sys.argv[1:]
subprocess.run(["qemu-img", "convert", "-f", "raw", "-O", "vmdk", "-o", "subformat=streamOptimized", raw, vmdk], check=True)
with open(vmdk, "r+b") as file:
    used = len(file.read().rstrip(b"\0"))
    file.truncate((used + 511) // 512 * 512 + 512)     # one sector of zeros is the end-of-stream marker
subprocess.run(["qemu-img", "compare", "-q", "-f", "vmdk", "-F", "raw", vmdk, raw], check=True)
