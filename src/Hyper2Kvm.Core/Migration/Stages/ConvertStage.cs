namespace Hyper2Kvm.Migration.Stages;

/// <summary>Makes one file of each disk, where that is asked for.</summary>
internal static class ConvertStage
{
    public static void Run(MigrationWork work)
    {
        if (work.Settings.Conversion is not { } conversion)
        {
            return;
        }

        MigrationFiles files = work.Files!;
        // In a rehearsal there is no overlay yet: the source stands for it.
        MigrationDisk system = new(work.Settings.Preview ? work.SystemDisk!.Source : files.Overlay, files.Converted(conversion.Format), conversion.Format, null);
        MigrationDisk[] disks =
            [.. work.SystemDisk!.IsCopiedFirst ? [] : (MigrationDisk[])[system], .. work.DataDisks.Where(disk => !disk.IsCopiedFirst)];
        if (disks.Length == 0)
        {
            work.Journal.Skip(KvmMigrationStep.Convert, "All disks have been copied before the edit, which is an overlay on its copy.");
        }
        else if (work.IsFixed && work.Journal.IsDone(KvmMigrationStep.Convert, disks.Select(disk => disk.Target)))
        {
            work.Journal.Repeat(KvmMigrationStep.Convert);
            work.RepeatConversions(disks);
        }
        else
        {
            work.Journal.Do(KvmMigrationStep.Convert, () => CopyStage.Copy(work, disks));
        }
    }
}
