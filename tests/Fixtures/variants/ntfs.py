#!/usr/bin/env python3
"""Puts an NTFS volume (a file) into a state that no tool here can bring about.

    ntfs.py VOLUME dirty-volume     VOLUME_IS_DIRTY in $Volume: Windows wants chkdsk
    ntfs.py VOLUME dirty-log        a $LogFile that a running Windows left: restart pages with a client in use
    ntfs.py VOLUME bitlocker        the boot sector of a BitLocker volume
"""
import struct
import sys


def record(volume, cluster, number):
    """Offset of a file record in the first extent of $MFT."""
    return struct.unpack_from("<Q", volume, 0x30)[0] * cluster + number * 1024


def attribute(volume, at, kind):
    at += struct.unpack_from("<H", volume, at + 0x14)[0]
    while True:
        found, length = struct.unpack_from("<II", volume, at)
        if found == kind:
            return at
        if found == 0xFFFFFFFF:
            raise SystemExit(f"no attribute 0x{kind:X}")
        at += length


def first_run(volume, at):
    """Cluster at which a non-resident attribute starts."""
    at += struct.unpack_from("<H", volume, at + 0x20)[0]
    lengths, offsets = volume[at] & 15, volume[at] >> 4
    return int.from_bytes(volume[at + 1 + lengths:at + 1 + lengths + offsets], "little", signed=True)


def dirty_volume(volume, cluster):
    mirror = struct.unpack_from("<Q", volume, 0x38)[0] * cluster + 3 * 1024
    for at in (record(volume, cluster, 3), mirror):
        value = attribute(volume, at, 0x70)
        content = value + struct.unpack_from("<H", volume, value + 0x14)[0]
        flags = struct.unpack_from("<H", volume, content + 0x0A)[0]
        struct.pack_into("<H", volume, content + 0x0A, flags | 1)


def restart_page(lsn):
    """Restart page of version 1.1 (RESTART_PAGE_HEADER, RESTART_AREA, one LOG_CLIENT_RECORD), with its fixups."""
    page = bytearray(0x1000)
    struct.pack_into("<4sHHQIIHHH", page, 0, b"RSTR", 0x1E, 9, 0, 0x1000, 0x1000, 0x30, 1, 1)
    area = 0x30
    # current_lsn, log_clients, client_free_list, client_in_use_list = 0, flags = 0 (not clean)
    struct.pack_into("<QHHHH", page, area, lsn, 1, 0xFFFF, 0, 0)
    struct.pack_into("<IHHQIHH", page, area + 0x10, 0x2D, 0xE0, 0x40, 2 << 20, 0, 0x30, 0x40)
    struct.pack_into("<QQHHHHII", page, area + 0x40, lsn, lsn, 0xFFFF, 0xFFFF, 1, 0, 0, 8)
    name = "NTFS".encode("utf-16-le")
    page[area + 0x60:area + 0x60 + len(name)] = name
    update = 0x1234
    struct.pack_into("<H", page, 0x1E, update)
    for sector in range(8):
        end = sector * 512 + 510
        page[0x20 + 2 * sector:0x22 + 2 * sector] = page[end:end + 2]
        struct.pack_into("<H", page, end, update)
    return page


def dirty_log(volume, cluster):
    log = first_run(volume, attribute(volume, record(volume, cluster, 2), 0x80)) * cluster
    for number in range(2):
        volume[log + number * 0x1000:log + (number + 1) * 0x1000] = restart_page(0x1000 + number)


def bitlocker(volume, _):
    volume[:11] = b"\xeb\x58\x90-FVE-FS-"
    volume[0xA0:0xB0] = bytes.fromhex("3bd66749292ed84a8399f6a339e3d001")
    struct.pack_into("<QQQ", volume, 0xB0, 0x1000000, 0x2000000, 0x3000000)


def main():
    path, state = sys.argv[1:]
    with open(path, "r+b") as file:
        volume = bytearray(file.read())
        cluster = struct.unpack_from("<H", volume, 0x0B)[0] * volume[0x0D]
        {"dirty-volume": dirty_volume, "dirty-log": dirty_log, "bitlocker": bitlocker}[state](volume, cluster)
        file.seek(0)
        file.write(volume)


if __name__ == "__main__":
    main()
