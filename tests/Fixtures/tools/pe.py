#!/usr/bin/env python3
"""Writes a stand-in PE file: right headers, one empty section, no code. Never to be run, only to be looked at.

Usage: pe.py FILE [x64|x86|arm64] [native|efi|console]
"""
import struct
import sys

MACHINES = {"x86": 0x014C, "x64": 0x8664, "arm64": 0xAA64}
SUBSYSTEMS = {"native": 1, "console": 3, "efi": 10}


def build(machine="x64", subsystem="native"):
    wide = machine != "x86"
    optional = bytearray(240 if wide else 224)
    struct.pack_into("<HBBIIIII", optional, 0, 0x20B if wide else 0x10B, 14, 0, 0, 0, 0, 0x1000, 0x1000)
    struct.pack_into("<Q" if wide else "<I", optional, 24 if wide else 28, 0x140000000 if wide else 0x10000)
    struct.pack_into("<IIHHHHHHIIIIH", optional, 32, 0x1000, 0x200, 10, 0, 0, 0, 10, 0, 0, 0x2000, 0x200, 0, SUBSYSTEMS[subsystem])
    struct.pack_into("<I", optional, 108 if wide else 92, 16)
    head = bytearray(0x200)
    struct.pack_into("<2s58xI", head, 0, b"MZ", 0x40)
    struct.pack_into("<4sHHIIIHH", head, 0x40, b"PE\0\0", MACHINES[machine], 1, 1_700_000_000, 0, 0, len(optional), 0x22)
    at = 0x58 + len(optional)
    head[0x58:at] = optional
    struct.pack_into("<8sIIIIIIHHI", head, at, b".rdata", 0x200, 0x1000, 0x200, 0x200, 0, 0, 0, 0, 0x40000040)
    note = b"Stand-in for a test. Hyper2Kvm fixtures."
    return bytes(head) + note.ljust(0x200, b"\0")


if __name__ == "__main__":
    with open(sys.argv[1], "wb") as file:
        file.write(build(*sys.argv[2:]))
