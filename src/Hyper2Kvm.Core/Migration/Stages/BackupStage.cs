using Hyper2Kvm.Editing;
using Hyper2Kvm.Editing.Commit;
using Hyper2Kvm.Guest;

namespace Hyper2Kvm.Migration.Stages;

/// <summary>Judges the boot store and copies it out; repairs it where that is asked for.</summary>
internal static class BackupStage
{
    public static void Run(MigrationWork work)
    {
        if (work.Layout!.BcdPath is null)
        {
            if (!work.Layout.DataDisks.Any(disk => disk.IsBootDisk))
            {
                work.Reporter.Warning("No boot store was found on its disks, so it may not start: Test-Bcd tells more.");
            }

            work.Journal.Skip(KvmMigrationStep.Backup, "The disk of Windows has no boot store.");
        }
        else if (work.IsFixed && work.Journal.IsDone(KvmMigrationStep.Backup, work.Journal.Earlier!.BackupPath is { } path ? [path] : []))
        {
            work.Journal.Repeat(KvmMigrationStep.Backup);
            work.Backup = work.Journal.Earlier.BackupPath;
            work.Findings = work.Journal.Earlier.Findings;
        }
        else
        {
            work.Journal.Do(KvmMigrationStep.Backup, () => Judge(work, work.Layout));
        }
    }

    private static string Judge(MigrationWork work, WindowsLayout layout)
    {
        MigrationSettings settings = work.Settings;
        string image = settings.Preview ? work.WorkImage : work.Files!.Overlay;
        if (!settings.Preview)
        {
            AtomicFile.CreateFolder(work.Files!.Folder);
        }

        BcdBackup backup = BcdBackupWriter.Save(
            new BcdBackupRequest { Layout = layout, Plan = work.Plan, ImagePath = image, OutputDirectory = work.Files!.Folder, Preview = settings.Preview },
            work.Reporter);
        work.Backup = backup.BackupPath;
        BcdTest test = BcdReader.Test(image, layout.WindowsPartition.Number, null, work.Reporter);
        work.Findings = test.Findings;
        bool repairs = !test.IsBootable && settings.RepairBcd;
        if (repairs)
        {
            Repair(work, layout, image);
        }

        BcdFinding[] errors = [.. work.Findings.Where(finding => finding.Severity == FindingSeverity.Error)];
        foreach (BcdFinding finding in errors)
        {
            string hint = finding.IsRepairable && !settings.RepairBcd ? " -RepairBcd puts it right." : "";
            work.Reporter.Warning($"{finding.Id}: {finding.Message} {finding.Remedy}".TrimEnd() + hint);
        }

        string copy = work.Backup is null ? $"'{backup.StorePath}'" : $"'{backup.StorePath}' copied to '{work.Backup}'";
        return copy + (repairs ? ", repaired" : "") + (errors.Length > 0 ? ", not sound" : ", sound");
    }

    private static void Repair(MigrationWork work, WindowsLayout layout, string image)
    {
        bool isPreview = work.Settings.Preview;
        GuestEdit repair = GuestEditor.Run(
            new GuestEditRequest
            {
                Layout = layout,
                Plan = work.Plan,
                ImagePath = image,
                Actions = BcdRepairer.Plan(image, layout, work.Reporter),
                RehearsedActions = isPreview ? work.Edit!.Actions : [],
                Destination = work.Files!.Overlay,
                StandsForCopy = work.SystemDisk!.IsCopiedFirst,
                Preview = isPreview,
            },
            work.Reporter,
            work.Token);
        work.Changes.AddRange(repair.Changes);
        if (!isPreview)
        {
            work.Findings = BcdReader.Test(image, layout.WindowsPartition.Number, null, work.Reporter).Findings;
        }
    }
}
