using Hyper2Kvm.Bcd;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Guest;

/// <summary>Reads and judges boot stores. Changes nothing.</summary>
public static class BcdReader
{
    /// <summary>The store of a disk image, or a store that is a file on the host.</summary>
    /// <param name="path">Full path on the host.</param>
    /// <param name="partition">Partition number of the Windows that is meant; null when there is only one.</param>
    /// <param name="reporter">Hears what is done.</param>
    /// <exception cref="GuestItemNotFoundException"><c>BcdNotFound</c>.</exception>
    /// <exception cref="Hyper2KvmException">What cannot be read, by name.</exception>
    public static BootStore Read(string path, int? partition, IReporter reporter)
    {
        if (ReadFile(path, reporter) is { } store)
        {
            return store;
        }

        reporter.Verbose($"Opening '{path}' read-only.");
        using BootStoreFile file = BootStoreFile.Open(path, partition);
        string place = file.Require("read").ToString();
        if (file.IsBootIni)
        {
            throw new GuestItemNotFoundException(
                "BcdNotFound", path, $"'{path}' starts {file.Layout.Windows} by {place}: Windows before Vista has no boot store.",
                "Test-Bcd judges boot.ini, and Backup-Bcd copies it.");
        }

        return Describe(file.OpenHive(), file.BcdDisk, path, place) with
        {
            Layout = file.Layout,
            Partition = file.Layout.BootPartition,
            Firmware = file.Layout.Firmware,
        };
    }

    /// <summary>Judges whether the disk can start its Windows.</summary>
    /// <param name="imagePath">Full path of the image.</param>
    /// <param name="partition">Partition number of the Windows that is meant; null when there is only one.</param>
    /// <param name="plan">Carried on in the result.</param>
    /// <param name="reporter">Hears what is done.</param>
    /// <exception cref="Hyper2KvmException">The disk itself cannot be read.</exception>
    public static BcdTest Test(string imagePath, int? partition, VirtioDriverPlan? plan, IReporter reporter)
    {
        reporter.Verbose($"Opening '{imagePath}' read-only.");
        using BootStoreFile file = BootStoreFile.Open(imagePath, partition);
        return new BcdTest
        {
            Layout = file.Layout,
            Plan = plan,
            ImagePath = imagePath,
            Firmware = file.Layout.Firmware,
            StorePath = file.Path?.ToString(),
            Findings = file.Judge(),
        };
    }

    private static BootStore? ReadFile(string path, IReporter reporter)
    {
        using FileBlockDevice file = new(path);
        Span<byte> head = stackalloc byte[4];
        if (file.Length < head.Length)
        {
            return null;
        }

        file.Read(0, head);
        if (!head.SequenceEqual("regf"u8))
        {
            return null;
        }

        reporter.Verbose($"'{path}' is a registry hive: reading it as a boot store.");
        List<FileBlockDevice> logs = [];
        try
        {
            foreach (string suffix in (string[])[".LOG1", ".LOG2", ".LOG"])
            {
                if (File.Exists(path + suffix))
                {
                    logs.Add(new FileBlockDevice(path + suffix));
                }
            }

            return Describe(Hive.Open(file, logs, path), null, path, path);
        }
        finally
        {
            logs.ForEach(log => log.Dispose());
        }
    }

    private static BootStore Describe(Hive hive, BcdDisk? disk, string image, string place)
    {
        BcdStore store = BcdStore.Open(hive);
        List<string> warnings = [];
        if (hive.Recovery is { } recovery)
        {
            warnings.Add($"The store was not written back wholly; it is shown as Windows will see it: {recovery}. Test-Bcd judges it.");
        }

        if (store.StrangeKeys.Count > 0)
        {
            warnings.Add($"Keys that are no objects or elements: {string.Join(", ", store.StrangeKeys.Take(5))}. Test-Bcd judges the store.");
        }

        return new BootStore
        {
            ImagePath = image,
            StorePath = place,
            Firmware = FirmwareOf(store),
            FormatVersion = hive.FormatVersion,
            DefaultId = store.DefaultId?.ToString("B"),
            Entries = new BcdText(store, disk).Entries(),
            Warnings = warnings,
        };
    }

    private static FirmwareMode? FirmwareOf(BcdStore store)
    {
        BcdObject? loader = store.DefaultId is { } id ? store.Find(id) : null;
        string path = loader?.Text(BcdElementTypes.ApplicationPath) ?? store.BootManager?.Text(BcdElementTypes.ApplicationPath) ?? "";
        return path.EndsWith(".efi", StringComparison.OrdinalIgnoreCase) ? FirmwareMode.Uefi
            : path.EndsWith(".exe", StringComparison.OrdinalIgnoreCase) ? FirmwareMode.Bios
            : null;
    }
}
