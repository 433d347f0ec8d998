using Hyper2Kvm.Bcd;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing.Actions;
using Hyper2Kvm.Editing.Commit;
using Hyper2Kvm.Editing.Steps;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.Guest;

namespace Hyper2Kvm.Editing;

/// <summary>Copies a guest's boot store to the host and says what it says. The guest is only read, unless a copy is to stay in it.</summary>
public static class BcdBackupWriter
{
    private const int HashDigitsInName = 12;

    /// <exception cref="GuestItemNotFoundException"><c>BcdNotFound</c>.</exception>
    /// <exception cref="DiskFormatException">The store is damaged.</exception>
    public static BcdBackup Save(BcdBackupRequest request, IReporter reporter)
    {
        reporter.Verbose($"Opening '{request.ImagePath}' read-only.");
        using BootStoreFile file = BootStoreFile.Open(request.ImagePath, request.Layout.WindowsPartition.Number);
        GuestPath path = file.Require("back up");
        BcdInspection inspection = file.IsBootIni ? new BcdInspection([], file.Judge()) : file.Inspect(BcdStore.Open(file.OpenHive()));
        return Copy(request, file.Files!, path, inspection, reporter);
    }

    /// <summary>Puts a copy of the store beside it in the guest, through an edit.</summary>
    /// <param name="backup">The copy on the host.</param>
    /// <param name="preview">Rehearse: write nothing.</param>
    /// <param name="reporter">Hears each step.</param>
    /// <param name="token">Stops between steps.</param>
    /// <exception cref="Hyper2KvmException">The guest does not allow an edit.</exception>
    public static BcdBackup KeepInGuest(BcdBackup backup, bool preview, IReporter reporter, CancellationToken token)
    {
        GuestEdit edit = GuestEditor.Run(
            new GuestEditRequest
            {
                Layout = backup.Layout,
                Plan = backup.Plan,
                ImagePath = backup.ImagePath,
                Actions = [new BcdBackupAction(backup.StorePath, backup.Sha256)],
                Preview = preview,
            },
            reporter,
            token);
        return backup with
        {
            Layout = edit.Layout,
            ImagePath = edit.ImagePath,
            GuestBackupPath = BcdBackupStep.PathFor(backup.StorePath, backup.Sha256).ToString(),
        };
    }

    private static BcdBackup Copy(
        BcdBackupRequest request, IGuestFileSystem files, GuestPath store, BcdInspection inspection, IReporter reporter)
    {
        byte[] content = files.OpenFile(store).ReadAll(BootStoreFile.MaxSize, "BcdTooLarge", store.ToString());
        string hash = Sha256Text.Of(content);
        string? path = null;
        if (!request.Preview)
        {
            path = NameFor(request, store, hash);
            Write(path, content, reporter);
            foreach (GuestPath log in HiveLocator.LogsOf(files, store))
            {
                byte[] logContent = files.OpenFile(log).ReadAll(BootStoreFile.MaxSize, "BcdTooLarge", log.ToString());
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
}
