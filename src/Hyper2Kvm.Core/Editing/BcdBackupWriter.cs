using System.Security.Cryptography;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing.Commit;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Images;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Editing;

/// <summary>Copies a guest's boot store to the host and says what it says. The guest is only read.</summary>
public static class BcdBackupWriter
{
    /// <summary>Real stores have 20 to 100 KiB.</summary>
    private const int MaxStoreSize = 16 * 1024 * 1024;

    private const int HashDigitsInName = 12;

    /// <summary>Windows XP and 2003 have this instead of a store.</summary>
    private static readonly GuestPath s_bootIni = @"\boot.ini";

    /// <exception cref="GuestItemNotFoundException"><c>BcdNotFound</c>.</exception>
    /// <exception cref="DiskFormatException">The store is damaged.</exception>
    public static BcdBackup Save(BcdBackupRequest request, IReporter reporter)
    {
        using DiskImage image = ImageDetector.Open(request.ImagePath);
        GuestDisk disk = GuestDisk.Open(image);
        WindowsLayout layout = request.Layout;
        if (layout.BootPartition is not { } boot || BootStore.FilesOf(disk, boot) is not { } files)
        {
            throw NotFound(layout, "it has no boot partition that can be read");
        }

        if (layout.BcdPath is { } store)
        {
            return Copy(request, files, store, BootStore.Inspect(disk, layout), reporter);
        }

        return layout.Windows.Major < 6 && files.Find(s_bootIni) is { IsDirectory: false }
            ? Copy(request, files, s_bootIni, new BcdInspection([], []), reporter)
            : throw NotFound(layout, $"{boot} has no boot store");
    }

    private static BcdBackup Copy(
        BcdBackupRequest request, IGuestFileSystem files, GuestPath store, BcdInspection inspection, IReporter reporter)
    {
        byte[] content = files.OpenFile(store).ReadAll(MaxStoreSize, "BcdTooLarge", store.ToString());
        string hash = Convert.ToHexString(SHA256.HashData(content)).ToLowerInvariant();
        string? path = null;
        if (!request.Preview)
        {
            path = NameFor(request, store, hash);
            Write(path, content, reporter);
            foreach (GuestPath log in HiveLocator.LogsOf(files, store))
            {
                byte[] logContent = files.OpenFile(log).ReadAll(MaxStoreSize, "BcdTooLarge", log.ToString());
                if (logContent.Length > 0)
                {
                    Write(path + Path.GetExtension(log.Name), logContent, reporter);
                }
            }
        }

        return new BcdBackup
        {
            Layout = request.Layout,
            Plan = request.Plan,
            ImagePath = request.ImagePath,
            StorePath = store.ToString(),
            BackupPath = path,
            Sha256 = hash,
            Entries = inspection.Entries,
            Findings = inspection.Findings,
        };
    }

    /// <summary>The name carries the content's hash, so a store that has not changed is not copied twice, and no copy is overwritten.</summary>
    private static string NameFor(BcdBackupRequest request, GuestPath store, string hash)
    {
        string image = Path.GetFileNameWithoutExtension(request.ImagePath);
        AtomicFile.CreateFolder(request.OutputDirectory);
        return Path.Combine(request.OutputDirectory, $"{image}.{store.Name}-{hash[..HashDigitsInName]}");
    }

    private static void Write(string path, byte[] content, IReporter reporter)
    {
        if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(content))
        {
            reporter.Verbose($"'{path}' holds this store already.");
            return;
        }

        reporter.Verbose($"Copying the boot store to '{path}'.");
        AtomicFile.Write(path, replace: false, stream => stream.Write(content));
    }

    private static GuestItemNotFoundException NotFound(WindowsLayout layout, string why) => new(
        "BcdNotFound",
        layout.ImagePath,
        $"'{layout.ImagePath}' has no boot store to back up: {why}.",
        "If Windows boots from another disk of the machine, back up that disk's store; the pipeline can go on without Backup-Bcd.");
}
