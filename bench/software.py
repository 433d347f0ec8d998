#!/usr/bin/env python3
"""Writes a SOFTWARE hive of a wanted size: a Windows 10 client, thousands of class keys, large values for the rest.

Usage: software.py HIVE MEGABYTES
"""
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests/Fixtures/tools"))
import hive  # noqa: E402

WINDOWS = r"""
[Microsoft\Windows NT\CurrentVersion]
ProductName                sz      Windows 10 Pro
EditionID                  sz      Professional
InstallationType           sz      Client
CurrentVersion             sz      6.3
CurrentMajorVersionNumber  dword   10
CurrentMinorVersionNumber  dword   0
CurrentBuild               sz      18363
CurrentBuildNumber         sz      18363
UBR                        dword   720
ReleaseId                  sz      1909
PathName                   sz      C:\Windows
SystemRoot                 sz      C:\Windows
[Microsoft\Windows\CurrentVersion]
ProgramFilesDir            sz      C:\Program Files
DevicePath                 expand  %SystemRoot%\inf
[Microsoft\Windows\CurrentVersion\Setup\PnpLockdownFiles]
[Microsoft\Windows\CurrentVersion\Group Policy]
[Microsoft\Windows\CurrentVersion\Uninstall\{3F2A9C10-7B6D-4E58-9A21-5C0D1E2F3A4B}]
DisplayName                sz      VMware Tools
Publisher                  sz      VMware, Inc.
UninstallString            sz      MsiExec.exe /I{3F2A9C10-7B6D-4E58-9A21-5C0D1E2F3A4B}
"""


def main():
    path, megabytes = sys.argv[1], int(sys.argv[2])
    source = random.Random(20348)
    root = hive.parse(WINDOWS, hive.Key("ROOT"))
    classes = root.open("Classes\\CLSID")
    for _ in range(9000):
        number = source.getrandbits(128)
        key = classes.open("{%08X-%04X-%04X-%04X-%012X}" % (number >> 96, number >> 80 & 0xFFFF, number >> 64 & 0xFFFF, number >> 48 & 0xFFFF, number & (1 << 48) - 1))
        key.set("", *hive.parse_value("sz", f"Class number {number % 9973}"))
        server = key.open("InprocServer32")
        server.set("", *hive.parse_value("expand", rf"%SystemRoot%\System32\class{number % 997}.dll"))
        server.set("ThreadingModel", *hive.parse_value("sz", "Both"))
    blob = source.randbytes(1 << 20)
    store = root.open("Microsoft\\Windows\\CurrentVersion\\AppModel\\StateRepository\\Cache")
    for number in range(max(0, megabytes - 6)):
        store.open(f"Block{number:04}").set("Data", hive.BINARY, blob)
    with open(path, "wb") as file:
        file.write(hive.build(root, r"emRoot\System32\Config\SOFTWARE")[0])


if __name__ == "__main__":
    main()
