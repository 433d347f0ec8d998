using Hyper2Kvm.Booting;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Domains;

namespace Hyper2Kvm.Unit.Support;

/// <summary>Microsoft's own boot manager as a judge of boot stores: put on a disk whose other programs are stand-ins, it says which file it could not
/// start, and why. It belongs to Windows and cannot be part of this repository.</summary>
/// <remarks>Searched in the folder that HYPER2KVM_TEST_BOOTMGR names, as bootmgfw.efi and bootmgr lie in \Windows\Boot\EFI and
/// \Windows\Boot\PCAT of every Windows.</remarks>
internal static class WindowsBootManager
{
    /// <summary>What it says of a stand-in: it followed the store to the file, read it, and found no program of Windows in it.</summary>
    public const string NotAnImage = "0xC000007B";

    /// <summary>No device is what the store says.</summary>
    public const string NoSuchDevice = "0xC000000E";

    /// <summary>A file is missing.</summary>
    public const string NoSuchFile = "0xC000000F";

    private static readonly string? s_folder = Environment.GetEnvironmentVariable("HYPER2KVM_TEST_BOOTMGR");

    /// <summary>Host path of a file of Windows' boot manager, or null.</summary>
    public static string? Find(string name) =>
        s_folder is not null && Path.Combine(s_folder, name) is var path && File.Exists(path) ? path : null;

    /// <summary>A raw copy of a disk, with the real boot manager where its stand-in was, and in no other place.</summary>
    public static string Install(TempFolder folder, string disk)
    {
        string raw = RawCopy(folder, disk);
        Copy(Find("bootmgfw.efi")!, raw, "EFI/Microsoft/Boot/bootmgfw.efi");
        return raw;
    }

    /// <summary>A raw copy of a disk that a BIOS starts, with the real boot manager where its stand-in was.</summary>
    public static string InstallForBios(TempFolder folder, string disk)
    {
        string raw = RawCopy(folder, disk);
        PartitionInfo system = Plans.Probe(raw).BootPartition!;
        ForeignTool.RunOk(
            "bash", Path.Combine(Repository.Root, "tests", "Fixtures", "tools", "bootmgr.sh"),
            raw, Find("bootmgr")!, $"{system.Offset / 512}", $"{system.Size / 512}");
        return raw;
    }

    /// <summary>Puts a file into the EFI system partition of a raw disk.</summary>
    public static void Copy(string file, string rawDisk, string target) =>
        ForeignTool.RunOk("mcopy", "-o", "-i", $"{rawDisk}@@{Plans.Probe(rawDisk).BootPartition!.Offset}", file, $"::/{target}");

    /// <summary>Boots a disk that is only read, from firmware without a past, and waits for what the screen says.</summary>
    public static KvmBootResult Boot(TempFolder folder, string disk, DomainPhase phase = DomainPhase.Bootstrap)
    {
        WindowsLayout layout = Plans.Probe(disk);
        DomainRequest request = new()
        {
            Layout = layout, Phase = phase, ImagePath = disk, DiskFormat = Path.GetExtension(disk)[1..],
            Identity = DomainIdentity.From(layout), Bus = StorageBus.VirtioBlk, MemoryMiB = 1024, Cores = 1, Tpm = false, SecureBoot = false,
        };
        return KvmBootTester.Run(
            new KvmBootRequest
            {
                Xml = DomainXmlWriter.Write(request), UseKvm = false, NoLibvirt = true, Timeout = TimeSpan.FromMinutes(10), Until = KvmBootStage.Agent,
                OutputDirectory = folder.File($"boot-{Guid.NewGuid():N}"),
            },
            SilentReporter.Instance,
            CancellationToken.None);
    }

    private static string RawCopy(TempFolder folder, string disk)
    {
        string raw = folder.File("windows.raw");
        ForeignTool.RunOk("qemu-img", "convert", "-O", "raw", disk, raw);
        return raw;
    }
}
