#!/usr/bin/env python3
"""Writes a registry hive (regf 1.5) from a readable text. Needs nothing but Python 3.8.

Format: https://github.com/msuhanov/regf/blob/master/Windows%20registry%20file%20format%20specification.md

The text is one key per [path] line, one value per line below it:

    [ControlSet001\\Services\\storahci]
    Type       dword   1
    ImagePath  expand  System32\\drivers\\storahci.sys
    "Two words" sz     some text             ; a name may stand in quotes, @ is the default value
    Owners     multi   mshdc.inf | other.inf
    Blob       hex     01 ff 00 00
    Old        none
    Id         guid    {11111111-...}        ; REG_BINARY, as GUIDs lie on disk
    Volume     dmio    {11111111-...}        ; MountedDevices of a GPT partition
    Volume     mbr     0x12345678 0x100000   ; MountedDevices of an MBR partition: signature, byte offset
    Element    gpt     {partition} {disk}    ; 88-byte BCD device element
    Element    mbrdev  0x12345678 0x100000   ; the same for MBR
    Element    qword64 30                    ; BCD integer: REG_BINARY of 8 bytes
    Stamp      version {class} 2019-08-02 1.3.15.0 [inbox]   ; DriverPackages\\*\\Version

Usage: hive.py TEXT HIVE [--name NAME] [--index lh|lf] [--logs]
"""
import argparse
import datetime
import re
import struct
import uuid

NONE, SZ, EXPAND_SZ, BINARY, DWORD, MULTI_SZ, QWORD = 0, 1, 2, 3, 4, 7, 11
NIL = 0xFFFFFFFF
BIN = 0x1000
MAX_LIST = 1012             # entries of one lf/lh list before an ri list stands above several of them
MAX_DATA = 16344            # bytes of one data cell before a db record divides the value
STAMP = 133_500_000_000_000_000     # one fixed FILETIME (2024-01-17) keeps the output reproducible


def upper(name):
    """Windows' upper case: one character for one (no ß to SS)."""
    return "".join(c.upper() if len(c.upper()) == 1 else c for c in name)


def utf16(text):
    return text.encode("utf-16-le")


def guid(text):
    return uuid.UUID(text).bytes_le


def filetime(date):
    days = (datetime.date.fromisoformat(date) - datetime.date(1601, 1, 1)).days
    return days * 86400 * 10_000_000


def device(place, style, disk):
    """BCD device element: no options object, type 6 (partition), 0x48 bytes from here."""
    return bytes(16) + struct.pack("<IIII", 6, 0, 0x48, 0) + place + struct.pack("<II", 0, style) + disk + bytes(16)


def driver_version(text):
    class_id, date, version, *inbox = text.split()
    parts = [int(part) for part in version.split(".")]
    head = b"\xff\xff" if inbox else b"\x00\xff"
    return (head + b"\x09" + bytes(5) + guid(class_id) + struct.pack("<Q", filetime(date))
            + struct.pack("<4H", *reversed(parts)) + bytes(8))


def parse_value(kind, text):
    numbers = [int(word, 0) for word in text.split()] if kind in ("mbr", "mbrdev") else []
    if kind == "sz":
        return SZ, utf16(text + "\0")
    if kind == "expand":
        return EXPAND_SZ, utf16(text + "\0")
    if kind == "multi":
        return MULTI_SZ, utf16("".join(part.strip() + "\0" for part in text.split("|")) + "\0")
    if kind == "dword":
        return DWORD, struct.pack("<I", int(text, 0))
    if kind == "qword":
        return QWORD, struct.pack("<Q", int(text, 0))
    if kind == "hex":
        return BINARY, bytes.fromhex(text)
    if kind == "none":
        return NONE, b""
    if kind == "guid":
        return BINARY, guid(text)
    if kind == "dmio":
        return BINARY, b"DMIO:ID:" + guid(text)
    if kind == "mbr":
        return BINARY, struct.pack("<IQ", *numbers)
    if kind == "gpt":
        partition, disk = text.split()
        return BINARY, device(guid(partition), 0, guid(disk))
    if kind == "mbrdev":
        return BINARY, device(struct.pack("<QQ", numbers[1], 0), 1, struct.pack("<IIQ", numbers[0], 0, 0))
    if kind == "qword64":
        return BINARY, struct.pack("<Q", int(text, 0))
    if kind == "version":
        return BINARY, driver_version(text)
    raise ValueError(f"unknown kind of value: {kind}")


class Key:
    def __init__(self, name):
        self.name = name
        self.values = []            # (name, type, bytes)
        self.subkeys = {}           # upper-case name -> Key

    def open(self, path):
        key = self
        for part in path.split("\\"):
            key = key.subkeys.setdefault(upper(part), Key(part))
        return key

    def set(self, name, kind, data):
        self.values.append((name, kind, data))


def parse(text, root):
    key = root
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith(";"):
            continue
        if line.startswith("["):
            key = root.open(line[1:line.rindex("]")])
            continue
        match = re.match(r'("[^"]*"|\S+)\s+(\S+)(?:\s+(.*))?$', line)
        if not match:
            raise ValueError(f"line {number}: {line}")
        name = "" if match[1] == "@" else match[1].strip('"')
        key.set(name, *parse_value(match[2], re.sub(r"\s+;\s.*$", "", match[3] or "")))
    return root


class Writer:
    """Lays cells one after the other into bins, as a hive that was saved in one go."""

    def __init__(self, index):
        self.index = index
        self.data = bytearray()     # all bins; cell offsets count from here (file offset 0x1000)
        self.bin = 0                # start of the current bin
        self.used = BIN             # end of what is used in it
        self.end = 0                # end of the bin
        self.keys = 0
        self.security = NIL

    def cell(self, content):
        size = (len(content) + 4 + 7) & ~7
        if self.used + size > self.end:
            self.close()
            self.bin = len(self.data)
            bin_size = (size + 32 + BIN - 1) // BIN * BIN
            self.data += struct.pack("<4sIIQQI", b"hbin", self.bin, bin_size, 0, STAMP if self.bin == 0 else 0, 0)
            self.data += bytes(bin_size - 32)
            self.used, self.end = self.bin + 32, self.bin + bin_size
        offset = self.used
        struct.pack_into("<i", self.data, offset, -size)
        self.data[offset + 4:offset + 4 + len(content)] = content
        self.used += size
        return offset

    def close(self):
        """The rest of the bin is one free cell."""
        if self.end > self.used:
            struct.pack_into("<i", self.data, self.used, self.end - self.used)

    def write_security(self):
        system, administrators, users = "0101000000000005" "12000000", "0102000000000005" "20000000" "20020000", "0102000000000005" "20000000" "21020000"
        entries = b""
        for sid, rights in ((system, 0xF003F), (administrators, 0xF003F), (users, 0x20019)):
            raw = bytes.fromhex(sid)
            entries += struct.pack("<BBHI", 0, 2, 8 + len(raw), rights) + raw
        owner, group = bytes.fromhex(administrators), bytes.fromhex(system)
        dacl = struct.pack("<BBHHH", 2, 0, 8 + len(entries), 3, 0) + entries
        descriptor = struct.pack("<BBHIIII", 1, 0, 0x8004, 20 + len(dacl), 20 + len(dacl) + len(owner), 0, 20) + dacl + owner + group
        self.security = self.cell(struct.pack("<2sHIIII", b"sk", 0, 0, 0, 0, len(descriptor)) + descriptor)
        struct.pack_into("<II", self.data, self.security + 8, self.security, self.security)

    def write_data(self, data):
        if len(data) <= 4:
            return 0x80000000 | len(data), struct.unpack("<I", data.ljust(4, b"\0"))[0]
        if len(data) <= MAX_DATA:
            return len(data), self.cell(data)
        segments = [self.cell(data[at:at + MAX_DATA]) for at in range(0, len(data), MAX_DATA)]
        listing = self.cell(struct.pack(f"<{len(segments)}I", *segments))
        return len(data), self.cell(struct.pack("<2sHII", b"db", len(segments), listing, 0))

    def write_values(self, values):
        offsets = []
        for name, kind, data in values:
            size, place = self.write_data(data)
            raw, flags = (name.encode("latin-1"), 1) if is_latin(name) else (utf16(name), 0)
            offsets.append(self.cell(struct.pack("<2sHIIIHH", b"vk", len(raw), size, place, kind, flags if name else 0, 0) + raw))
        return self.cell(struct.pack(f"<{len(offsets)}I", *offsets)) if offsets else NIL

    def write_list(self, children):
        """children: (name, offset), sorted by upper-case name."""
        lists = []
        for at in range(0, len(children), MAX_LIST):
            part = children[at:at + MAX_LIST]
            body = b"".join(struct.pack("<I", offset) + self.hint(name) for name, offset in part)
            lists.append(self.cell(struct.pack("<2sH", self.index.encode(), len(part)) + body))
        if len(lists) <= 1:
            return lists[0] if lists else NIL
        return self.cell(struct.pack("<2sH", b"ri", len(lists)) + struct.pack(f"<{len(lists)}I", *lists))

    def hint(self, name):
        if self.index == "lf":
            return name[:4].encode("latin-1", "replace").ljust(4, b"\0")
        value = 0
        for character in upper(name):
            value = (value * 37 + ord(character)) & NIL
        return struct.pack("<I", value)

    def write_key(self, key, parent, root=False):
        raw, compressed = (key.name.encode("latin-1"), 0x20) if is_latin(key.name) else (utf16(key.name), 0)
        self.keys += 1
        offset = self.cell(bytes(76) + raw)
        values = self.write_values(key.values)
        if self.security == NIL:
            self.write_security()
        children = [(child.name, self.write_key(child, offset)) for _, child in sorted(key.subkeys.items())]
        listing = self.write_list(children)
        struct.pack_into(
            "<2sHQIIIIIIIIIIIIIIIHH", self.data, offset + 4, b"nk", compressed | (0x0C if root else 0), STAMP, 0, parent,
            len(children), 0, listing, NIL, len(key.values), values, self.security, NIL,
            max((len(utf16(name)) for name, _ in children), default=0), 0,
            max((len(utf16(name)) for name, _, _ in key.values), default=0),
            max((len(data) for _, _, data in key.values), default=0), 0, len(raw), 0)
        return offset


def is_latin(name):
    try:
        name.encode("latin-1")
        return True
    except UnicodeEncodeError:
        return False


def base_block(size, top, file_name, file_type=0):
    base = bytearray(BIN)
    struct.pack_into("<4sIIQIIIIIII", base, 0, b"regf", 1, 1, STAMP, 1, 5, file_type, 1, top, size, 1)
    base[0x30:0x30 + 64] = utf16(file_name[-31:]).ljust(64, b"\0")
    checksum = 0
    for word in struct.unpack("<127I", base[:508]):
        checksum ^= word
    struct.pack_into("<I", base, 508, {0: 1, NIL: NIL - 1}.get(checksum, checksum))
    return bytes(base)


def build(root, file_name="", index="lh"):
    """The bytes of the hive, and those of a log without entries that fits it."""
    writer = Writer(index)
    top = writer.write_key(root, NIL, root=True)
    writer.close()
    struct.pack_into("<I", writer.data, writer.security + 16, writer.keys)
    hive = base_block(len(writer.data), top, file_name) + bytes(writer.data)
    log = base_block(len(writer.data), top, file_name, file_type=6)[:512].ljust(8192, b"\0")
    return hive, log


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("text")
    arguments.add_argument("hive")
    arguments.add_argument("--name", default="")
    arguments.add_argument("--root", default="ROOT")
    arguments.add_argument("--logs", action="store_true", help="also write HIVE.LOG1 (no entries) and HIVE.LOG2 (empty)")
    arguments.add_argument("--index", default="lh", choices=("lh", "lf"))
    options = arguments.parse_args()
    with open(options.text, encoding="utf-8") as text:
        root = parse(text.read(), Key(options.root))
    hive, log = build(root, options.name, options.index)
    with open(options.hive, "wb") as file:
        file.write(hive)
    if options.logs:
        with open(options.hive + ".LOG1", "wb") as file:
            file.write(log)
        open(options.hive + ".LOG2", "wb").close()


if __name__ == "__main__":
    main()
