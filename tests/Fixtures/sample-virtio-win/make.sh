#!/bin/bash
# Makes sample-virtio-win.iso: see README.md. Needs: python3 xorriso.
#   make.sh [FILE.iso]          the sample
#   make.sh --tree FOLDER       only the folder tree
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tools=$here/../tools
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C.UTF-8 TZ=UTC
tree=$work/tree
out=${1:-$here/sample-virtio-win.iso}
if [ "$out" = --tree ]; then tree=$2; fi

# What differs between the three builds of a driver, as on the real media: the decoration of the models section, and
# the folder (DIRID) that the driver runs from: the driver store (13) for Windows 11, System32\drivers (12) before.
decoration() { case $1 in w7) echo "NT$2.6.1" ;; w10) echo "NT$2.10.0" ;; w11) echo "NT$2.10.0...16299" ;; esac; }
dirid() { if [ "$1" = w11 ]; then echo 13; else echo 12; fi; }
version() { case $1 in w7) echo 61.77.104.17200 ;; *) echo 100.95.104.26200 ;; esac; }
newer() { if [ "$1" != w7 ]; then echo "$2"; fi; }    # what the Windows 7 build lacks

storage_inf() { # driver, build, architecture
  local text legacy subsystem modern bus limit
  if [ "$1" = viostor ]; then
    text='VirtIO block controller (stand-in)' legacy=1001 subsystem=0002 modern=1042 bus=0x00000001 limit=257
  else
    text='VirtIO SCSI controller (stand-in)' legacy=1004 subsystem=0008 modern=1048 bus=0x0000000A limit=258
  fi
  cat <<INF
; Stand-in for a test. The binary beside it holds no code.

[Version]
Signature="\$Windows NT\$"
Class=SCSIAdapter
ClassGUID={4D36E97B-E325-11CE-BFC1-08002BE10318}
Provider=%VENDOR%
DriverVer = 01/16/2024,$(version "$2")
CatalogFile=$1.cat
DriverPackageType = PlugAndPlay
DriverPackageDisplayName = %Device.Desc%
$(newer "$2" PnpLockdown=1)

[SourceDisksNames]
1 = %Disk.Name%,,,""

[SourceDisksFiles]
$1.sys = 1,,

[DestinationDirs]
Driver_Files = $(dirid "$2")

[Manufacturer]
%VENDOR% = Models,$(decoration "$2" "$3")

[Models.$(decoration "$2" "$3")]
%Device.Desc% = scsi_inst, PCI\\VEN_1AF4&DEV_$legacy&SUBSYS_${subsystem}1AF4&REV_00, PCI\\VEN_1AF4&DEV_$legacy
%Device.Desc% = scsi_inst, PCI\\VEN_1AF4&DEV_$modern&SUBSYS_11001AF4&REV_01, PCI\\VEN_1AF4&DEV_$modern

[Driver_Files]
$1.sys,,,2            ; COPYFLG_NOSKIP

[scsi_inst]
CopyFiles = Driver_Files

[scsi_inst.Services]
AddService = $1, 0x00000002 , Service_Inst, EventLog_Inst

[Service_Inst]
ServiceType    = %SERVICE_KERNEL_DRIVER%
StartType      = %SERVICE_BOOT_START%
ErrorControl   = %SERVICE_ERROR_NORMAL%
ServiceBinary  = %$(dirid "$2")%\\$1.sys
LoadOrderGroup = SCSI miniport
AddReg         = Service_Parameters

[Service_Parameters]
HKR, "Parameters\\PnpInterface", "5", %REG_DWORD%, 0x00000001
HKR, "Parameters", "BusType", %REG_DWORD%, $bus
$(newer "$2" 'HKR, "Parameters", DmaRemappingCompatible,0x00010001,0')

[EventLog_Inst]
AddReg = EventLog_AddReg

[EventLog_AddReg]
HKR,,EventMessageFile,%REG_EXPAND_SZ%,"%%SystemRoot%%\\System32\\IoLogMsg.dll"
HKR,,TypesSupported,%REG_DWORD%,7

[scsi_inst.HW]
AddReg = Interrupts

[Interrupts]
HKR, "Interrupt Management",, 0x00000010
HKR, "Interrupt Management\\MessageSignaledInterruptProperties",, 0x00000010
HKR, "Interrupt Management\\MessageSignaledInterruptProperties", MSISupported, 0x00010001, 1
HKR, "Interrupt Management\\MessageSignaledInterruptProperties", MessageNumberLimit, 0x00010001, $limit
HKR, "Interrupt Management\\Affinity Policy",, 0x00000010
HKR, "Interrupt Management\\Affinity Policy", DevicePolicy, 0x00010001, 5
$(newer "$2" 'HKR, "Interrupt Management\Affinity Policy", GroupPolicy, 0x00010001, 1')

[Strings]
VENDOR      = "Hyper2Kvm samples"
Disk.Name   = "$text disk"
Device.Desc = "$text"
REG_EXPAND_SZ         = 0x00020000
REG_DWORD             = 0x00010001
SERVICE_KERNEL_DRIVER = 1
SERVICE_BOOT_START    = 0
SERVICE_ERROR_NORMAL  = 1
INF
}

network_inf() { # build, architecture
  cat <<INF
; Stand-in for a test. The binary beside it holds no code.

[version]
Signature   = "\$Windows NT\$"
Class       = Net
CatalogFile = netkvm.cat
ClassGUID   = {4d36e972-e325-11ce-bfc1-08002be10318}
Provider    = %VENDOR%
DriverVer   = 01/16/2024,$(version "$1")
DriverPackageType = PlugAndPlay
$(newer "$1" PnpLockdown=1)

[Manufacturer]
%VENDOR% = NetKVM, $(decoration "$1" "$2")

[NetKVM.$(decoration "$1" "$2")]
%Device.Desc% = netkvm.ndi, PCI\\VEN_1AF4&DEV_1000&SUBSYS_00011AF4&REV_00, PCI\\VEN_1AF4&DEV_1000
%Device.Desc% = netkvm.ndi, PCI\\VEN_1AF4&DEV_1041&SUBSYS_11001AF4&REV_01, PCI\\VEN_1AF4&DEV_1041

[netkvm.ndi]
Characteristics = 0x84 ; NCF_PHYSICAL | NCF_HAS_UI
BusType         = 5    ; PCI
AddReg          = Ndi_AddReg
CopyFiles       = Driver_Files
*IfType         = 6
*MediaType      = 0
*PhysicalMediaType = 0

[netkvm.ndi.hw]
AddReg = Interrupts

[Interrupts]
HKR, "Interrupt Management\\MessageSignaledInterruptProperties", MSISupported, 0x00010001, 1
HKR, "Interrupt Management\\MessageSignaledInterruptProperties", MessageNumberLimit, 0x00010001, 2048

[Ndi_AddReg]
HKR, Ndi,            Service,    0, "netkvm"
HKR, Ndi\\Interfaces, UpperRange, 0, "ndis5"
HKR, Ndi\\Interfaces, LowerRange, 0, "ethernet"

[netkvm.ndi.Services]
AddService = netkvm, 2, Service_Inst

[Service_Inst]
DisplayName    = %Device.Desc%
ServiceType    = 1 ; SERVICE_KERNEL_DRIVER
StartType      = 3 ; SERVICE_DEMAND_START
ErrorControl   = 1 ; SERVICE_ERROR_NORMAL
ServiceBinary  = %$(dirid "$1")%\\netkvm.sys
LoadOrderGroup = NDIS

[Driver_Files]
netkvm.sys,,,2

[SourceDisksNames]
1 = %Disk.Name%,"",,

[SourceDisksFiles]
netkvm.sys = 1,,

[DestinationDirs]
DefaultDestDir = $(dirid "$1")

[Strings]
VENDOR      = "Hyper2Kvm samples"
Disk.Name   = "VirtIO Ethernet adapter (stand-in) disk"
Device.Desc = "VirtIO Ethernet adapter (stand-in)"
INF
}

# The same build lies in several folders; hard links let the ISO hold it once.
builds=$work/builds
build_of() { case $1 in w7|2k8R2) echo w7 ;; w11|2k25) echo w11 ;; *) echo w10 ;; esac; }
add() { # driver folder, driver, systems...
  local folder=$1 driver=$2 system architecture build name
  for name in "${@:3}"; do
    system=${name%/*} architecture=${name#*/}
    build=$builds/$driver/$(build_of "$system")/$architecture
    if [ ! -d "$build" ]; then
      mkdir -p "$build"
      if [ "$driver" = netkvm ]; then network_inf "$(build_of "$system")" "$architecture"
      else storage_inf "$driver" "$(build_of "$system")" "$architecture"; fi | sed 's/$/\r/' > "$build/$driver.inf"
      python3 "$tools/pe.py" "$build/$driver.sys" "${architecture/amd/x}" native
      printf 'Stand-in for the catalogue of %s.inf, %s %s' "$driver" "$(build_of "$system")" "$architecture" > "$build/$driver.cat"
    fi
    mkdir -p "$tree/$folder/$system/$architecture"
    ln -f "$build"/* "$tree/$folder/$system/$architecture/" 2> /dev/null || cp "$build"/* "$tree/$folder/$system/$architecture/"
  done
}
storage='w7/x86 w7/amd64 2k8R2/amd64 w10/x86 w10/amd64 2k22/amd64 w11/amd64'
# shellcheck disable=SC2086
add viostor viostor $storage
# shellcheck disable=SC2086
add vioscsi vioscsi $storage
add NetKVM netkvm w7/amd64 w10/amd64 2k22/amd64 w11/amd64
printf 'Stand-ins for a test. No driver in here holds any code.\r\n' > "$tree/README.txt"
if [ "$out" = --tree ]; then exit; fi

find "$work" -exec touch -d '2024-01-17 12:00:00' {} +
xorriso -report_about WARNING -as mkisofs -J -joliet-long -R -no-pad -V VIRTIO_WIN --set_all_file_dates 2024011712000000 \
  --modification-date=2024011712000000 -o "$out" "$tree"
ls -l "$out"
