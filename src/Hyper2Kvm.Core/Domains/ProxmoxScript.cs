using System.Globalization;
using System.Text;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Domains;

// qm(1) of Proxmox VE 8: https://pve.proxmox.com/pve-docs/qm.1.html.

/// <summary>The domain as a script of <c>qm</c> commands for Proxmox VE.</summary>
/// <remarks>The bootstrap script makes the machine and imports its disks. The final script moves the disks of that machine to their final
/// bus, or, where there is no such machine yet, makes it at once. Proxmox chooses the Hyper-V enlightenments by the ostype.</remarks>
internal static class ProxmoxScript
{
    private const string DefaultBridge = "vmbr0";

    private const string Start = """
        #!/bin/sh
        # Made by Hyper2Kvm. Run it as root on the Proxmox host: sh FILE VMID [STORAGE [ISO]]
        # VMID is a free number for the machine, STORAGE takes its disks, ISO is the volume of the driver CD.
        # Import whole images only: Convert-DiskImage makes one of an overlay.
        set -eu
        VMID=${1:?give the number of the machine, for example 120}
        STORAGE=${2:-local-lvm}
        ISO=${3:-local:iso/ISOFILE}

        """;

    private const string Functions = """

        has() { qm config "$VMID" | grep -q "^$1: "; }

        # place SLOT OTHER-SLOT OPTIONS FILE: the disk of the other slot moves; one that is not there yet is imported.
        place() {
          if has "$1"; then return; fi
          volume=$(qm config "$VMID" | sed -n "s/^$2: \([^,]*\).*/\1/p")
          if [ -n "$volume" ]; then
            qm set "$VMID" --delete "$2"
            qm set "$VMID" "--$1" "$volume,$3"
          else
            qm set "$VMID" "--$1" "$STORAGE:0,import-from=$4,$3"
          fi
        }

        """;

    public static string Write(DomainRequest request)
    {
        WindowsProfile profile = new(request.Layout.Windows);
        DomainRequest bridged = QemuScript.OnBridges(request, DefaultBridge);
        DomainChecks.Check(bridged, profile);
        CheckPlatform(bridged, profile);
        bool isFinal = bridged.Phase == DomainPhase.Final;
        StringBuilder text = new(Start.Replace("ISOFILE", CdName(bridged), StringComparison.Ordinal));
        string uuid = bridged.Identity.Uuid.ToString("D");
        text.Append(CultureInfo.InvariantCulture, $"\nif qm status \"$VMID\" > /dev/null 2>&1; then\n  if ! qm config \"$VMID\" | grep -q '^smbios1: .*uuid={uuid}'; then\n");
        text.Append("    echo \"The machine $VMID is there and is another one.\" >&2\n    exit 1\n  fi\n");
        text.Append("  if qm status \"$VMID\" | grep -q running; then\n    echo \"Shut the machine $VMID down first.\" >&2\n    exit 1\n  fi\nelse\n");
        AddCreate(text, bridged, profile);
        text.Append("fi\n").Append(Functions);
        AddDisks(text, bridged, profile);
        AddCards(text, bridged, profile);
        text.Append(isFinal
            ? "if has ide2; then qm set \"$VMID\" --delete ide2; fi\n"
            : bridged.DriverIso is null ? "" : "qm set \"$VMID\" --ide2 \"$ISO,media=cdrom\"\n");
        return text.ToString().ReplaceLineEndings("\n");
    }

    private static void CheckPlatform(DomainRequest request, WindowsProfile profile)
    {
        if (profile.Is32Bit && request.Layout.Firmware == FirmwareMode.Uefi)
        {
            throw new UnsupportedFeatureException(
                "DomainPlatform", "a 32-bit UEFI on Proxmox", request.Identity.Name, "Run it by libvirt.");
        }

        if (request.Layout.SectorSize != 512)
        {
            throw new UnsupportedFeatureException(
                "DomainSectorSize", string.Create(CultureInfo.InvariantCulture, $"a disk with sectors of {request.Layout.SectorSize} bytes on Proxmox"),
                request.Identity.Name, "Run it by libvirt.");
        }

        foreach (string path in request.DataDisks.Select(disk => disk.Path).Prepend(request.ImagePath))
        {
            if (path.Contains(','))
            {
                throw new GuestStateException(
                    "DomainPathInvalid", path, $"qm cannot import '{path}': a comma ends the path.", "Give the file another name, or its folder with -KvmFolder.");
            }
        }
    }

    private static string CdName(DomainRequest request)
    {
        string name = request.DriverIso?.Split('/')[^1] ?? "virtio-win.iso";
        // Within ${3:-...}: only what the shell takes as it is.
        return name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') ? name : "virtio-win.iso";
    }

    private static void AddCreate(StringBuilder text, DomainRequest request, WindowsProfile profile)
    {
        bool isUefi = request.Layout.Firmware == FirmwareMode.Uefi;
        List<string> options =
        [
            $"--name {DnsName.Label(request.Identity.Name)}",
            $"--ostype {OsType(request.Layout.Windows, profile)}",
            $"--machine {profile.Machine}",
            $"--bios {(isUefi ? "ovmf" : "seabios")}",
            $"--smbios1 uuid={request.Identity.Uuid:D}",
            string.Create(CultureInfo.InvariantCulture, $"--memory {request.MemoryMiB} --sockets {request.Sockets} --cores {request.Cores}"),
            $"--cpu {(request.CpuMode == DomainCpuMode.HostPassthrough ? "host" : "x86-64-v2-AES")}",
            $"--localtime {(request.Layout.RealTimeIsUniversal ? 0 : 1)}",
            $"--scsihw virtio-scsi-single --vga {(profile.IsNt5 ? "cirrus" : "std")} --serial0 socket --tablet 1",
            "--agent enabled=1 --rng0 source=/dev/urandom",
        ];
        if (!request.Layout.KnowsAcpi)
        {
            options.Add("--acpi 0");
        }

        if (isUefi)
        {
            options.Add($"--efidisk0 \"$STORAGE:1,efitype=4m,pre-enrolled-keys={(request.SecureBoot ? 1 : 0)}\"");
        }

        if (profile.HasTpm(request))
        {
            options.Add("--tpmstate0 \"$STORAGE:1,version=v2.0\"");
        }

        text.Append("  qm create \"$VMID\" \\\n    ").AppendJoin(" \\\n    ", options).Append('\n');
    }

    private static void AddDisks(StringBuilder text, DomainRequest request, WindowsProfile profile)
    {
        bool isFinal = request.Phase == DomainPhase.Final;
        string finalBus = request.Bus == StorageBus.VirtioScsi ? "scsi" : "virtio";
        string dummy = request.Bus == StorageBus.VirtioScsi ? "scsi30" : "virtio15";
        if (isFinal)
        {
            text.Append(CultureInfo.InvariantCulture, $"if has {dummy}; then qm disk unlink \"$VMID\" --idlist {dummy} --force 1; fi\n");
        }

        List<string> boot = [];
        for (int i = 0; i <= request.DataDisks.Count; i++)
        {
            string finalSlot = string.Create(CultureInfo.InvariantCulture, $"{finalBus}{FinalPlace(i, finalBus, request)}");
            string firstSlot = BootstrapSlot(i, profile) ?? finalSlot;
            (string slot, string other) = isFinal ? (finalSlot, firstSlot) : (firstSlot, finalSlot);
            string options = "cache=none,discard=on" + (slot.StartsWith("sata", StringComparison.Ordinal) || slot.StartsWith("ide", StringComparison.Ordinal) ? "" : ",iothread=1");
            string path = i == 0 ? request.ImagePath : request.DataDisks[i - 1].Path;
            text.Append(CultureInfo.InvariantCulture, $"place {slot} {other} {options} {ShellText.Quote(path)}\n");
            if (i == 0)
            {
                boot.Add(slot);
            }
            else if (request.DataDisks[i - 1].IsBootDisk)
            {
                boot.Insert(0, slot);
            }
        }

        if (!isFinal)
        {
            text.Append(CultureInfo.InvariantCulture, $"if ! has {dummy}; then qm set \"$VMID\" --{dummy} \"$STORAGE:1\"; fi\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"qm set \"$VMID\" --boot 'order={string.Join(';', boot)}'\n");
    }

    private static int FinalPlace(int disk, string bus, DomainRequest request)
    {
        // The last place is the dummy disk's.
        int places = bus == "scsi" ? 30 : 15;
        return disk < places
            ? disk
            : throw new UnsupportedFeatureException(
                "DomainPlatform", string.Create(CultureInfo.InvariantCulture, $"more than {places} disks on the bus {bus} of Proxmox"), request.Identity.Name,
                "Choose the bus VirtioScsi, which has 30 places, or run it by libvirt.");
    }

    /// <summary>SATA has six places, IDE four, of which the third is the CD's; what is over stands on the final bus at once.</summary>
    private static string? BootstrapSlot(int disk, WindowsProfile profile) => (profile.IsNt5, disk) switch
    {
        (true, < 2) => string.Create(CultureInfo.InvariantCulture, $"ide{disk}"),
        (true, 2) => "ide3",
        (false, < 6) => string.Create(CultureInfo.InvariantCulture, $"sata{disk}"),
        _ => null,
    };

    private static void AddCards(StringBuilder text, DomainRequest request, WindowsProfile profile)
    {
        bool isFinal = request.Phase == DomainPhase.Final;
        string model = isFinal ? "virtio" : profile.BootstrapNetworkCard;
        string queues = isFinal && profile.Queues(request) is > 1 and int count ? string.Create(CultureInfo.InvariantCulture, $",queues={count}") : "";
        for (int card = 0; card < request.Identity.MacAddresses.Count; card++)
        {
            string mac = DomainChecks.NormalizedMac(request.Identity.MacAddresses[card]);
            string value = ShellText.Quote($"{model}={mac},bridge={request.NetworkOf(card).Name}{queues}");
            text.Append(CultureInfo.InvariantCulture, $"qm set \"$VMID\" --net{card} {value}\n");
        }
    }

    private static string OsType(WindowsVersion windows, WindowsProfile profile) => windows switch
    {
        { Major: < 5 } or { Major: 5, Minor: 0 } => "w2k",
        { Major: 5, IsServer: true } => "w2k3",
        { Major: 5 } => "wxp",
        { Major: 6, Minor: 0, IsServer: true } => "w2k8",
        { Major: 6, Minor: 0 } => "wvista",
        { Major: 6, Minor: 1 } => "win7",
        { Major: 6 } => "win8",
        _ => profile.IsWindows11 || windows is { IsServer: true, Build: >= 20348 } ? "win11" : "win10",
    };
}
