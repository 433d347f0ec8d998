using Hyper2Kvm.Conversion;
using Hyper2Kvm.Editing.Commit;
using Hyper2Kvm.Images;
using Hyper2Kvm.Images.Conversion;

namespace Hyper2Kvm.Migration.Stages;

/// <summary>Copies disks that cannot stay where they are.</summary>
internal static class CopyStage
{
    /// <summary>Nothing is to be copied, or an earlier run did it.</summary>
    public static bool IsDone(MigrationWork work) =>
        work.CopiedFirst.Count == 0 || work.Journal.IsDone(KvmMigrationStep.Copy, work.CopiedFirst.Select(disk => disk.Target));

    public static void Run(MigrationWork work)
    {
        if (work.CopiedFirst.Count == 0)
        {
            work.Journal.Skip(KvmMigrationStep.Copy, "The disks can be used where they are.");
        }
        else if (IsDone(work))
        {
            work.Journal.Repeat(KvmMigrationStep.Copy);
            work.RepeatConversions(work.CopiedFirst);
        }
        else
        {
            work.Journal.Do(KvmMigrationStep.Copy, () => Copy(work, work.CopiedFirst));
        }
    }

    /// <summary>Copies disks, and says where the copies are.</summary>
    public static string Copy(MigrationWork work, IEnumerable<MigrationDisk> disks)
    {
        MigrationSettings settings = work.Settings;
        List<string> made = [];
        foreach (MigrationDisk disk in disks)
        {
            if (disk.Obstacle is not null)
            {
                work.Reporter.Verbose($"'{disk.Source}' is copied first, because {disk.Obstacle}.");
            }

            if (!settings.Preview)
            {
                AtomicFile.CreateFolder(work.Files!.Folder);
            }

            work.Conversions.Add(DiskConverter.Run(
                new DiskConversionRequest
                {
                    ImagePath = disk.Source,
                    Destination = disk.Target,
                    Settings = settings.Conversion ?? new ConversionSettings(ImageFormat.Qcow2),
                    SkipFreeSpace = settings.SkipFreeSpace,
                    Verify = settings.Verify,
                    Resume = settings.Resume,
                    KeepsPartial = true,
                    WillMakeFolder = true,
                    Force = settings.Force || work.Found?.Conversions.Any(conversion => conversion.Destination == disk.Target) == true,
                    Preview = settings.Preview,
                    Layout = work.Layout,
                    Plan = work.Plan,
                },
                work.Reporter,
                work.Token));
            made.Add($"'{disk.Target}'");
        }

        return string.Join(", ", made);
    }
}
