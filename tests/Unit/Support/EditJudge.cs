using Hyper2Kvm.Blocks;
using Hyper2Kvm.Editing;
using Hyper2Kvm.FileSystems.Fat;
using Hyper2Kvm.FileSystems.Ntfs;
using Hyper2Kvm.Partitions;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Unit.Support;

/// <summary>What has to be true of every edited guest, as others see it.</summary>
internal static class EditJudge
{
    private const string Config = @"\Windows\System32\config\";

    private static readonly string[] s_logSuffixes = [".LOG", ".LOG1", ".LOG2"];

    /// <summary>All of it.</summary>
    public static void Approves(EditedGuest guest)
    {
        QemuAcceptsTheOverlay(guest);
        TheVolumeIsSound(guest);
        OnlyReportedFilesDiffer(guest);
        OnlyReportedKeysAndValuesDiffer(guest);
        TheHivesAreCleanAndTheirLogsEmpty(guest);
        ASecondRunChangesNothing(guest);
    }

    /// <summary>QEMU: the overlay is sound, gives the edited disk, and its backing file is as it was.</summary>
    public static void QemuAcceptsTheOverlay(EditedGuest guest)
    {
        Assert.Contains("No errors were found", ForeignTool.RunOk("qemu-img", "check", guest.Edit.ImagePath), StringComparison.Ordinal);
        ForeignTool.RunOk("qemu-img", "compare", "-f", "qcow2", "-F", "raw", guest.Edit.ImagePath, guest.Flat);
        Assert.Equal(1, ForeignTool.Run("qemu-img", "compare", guest.Edit.ImagePath, guest.Disk).ExitCode);
        Assert.Equal(guest.SourceHash, EditedGuest.Hash(guest.Disk));
        if (guest.Layout is { PartitionStyle: PartitionStyle.Gpt, SectorSize: 512 }) // sgdisk takes a file for a disk of 512-byte sectors
        {
            Assert.Contains("No problems found", ForeignTool.RunOk("sgdisk", "-v", guest.Flat), StringComparison.Ordinal);
        }
    }

    /// <summary>The file system's own tools and our checker over the whole volume.</summary>
    public static void TheVolumeIsSound(EditedGuest guest)
    {
        string volume = guest.After.Volume;
        using FileBlockDevice device = new(volume);
        if (VolumeSnapshot.IsFat(volume))
        {
            ForeignTool.RunOk("fsck.fat", "-n", volume);
            Assert.Empty(FatChecker.Check(device));
            return;
        }

        string fix = ForeignTool.RunOk("ntfsfix", "-n", volume);
        Assert.Contains("was processed successfully", fix, StringComparison.Ordinal);
        Assert.DoesNotContain("FAILED", fix, StringComparison.Ordinal);
        Assert.Contains("Volume Information", ForeignTool.RunOk("ntfsinfo", "-m", volume), StringComparison.Ordinal);

        // Which clusters are whose, over the whole volume; then the index of security descriptors and every use of it.
        Assert.Contains("You might resize", ForeignTool.RunOk("ntfsresize", "--info", "--force", volume), StringComparison.Ordinal);
        Assert.Contains("No errors were found", ForeignTool.RunOk("ntfssecaudit", "-a", volume), StringComparison.Ordinal);
        Assert.Empty(NtfsChecker.Check(device, CancellationToken.None));
    }

    /// <summary>Every file of the volume, byte for byte: it is as it was, or the edit says what it did to it.</summary>
    public static void OnlyReportedFilesDiffer(EditedGuest guest)
    {
        Dictionary<string, string> expected = new(guest.Before.Files, StringComparer.OrdinalIgnoreCase);
        HashSet<string> directories = new(guest.Before.Directories, StringComparer.OrdinalIgnoreCase);
        foreach (GuestChange change in guest.NetChanges.Where(change => change.Target[0] == '\\'))
        {
            if (change.Kind == GuestChangeKind.DirectoryAdded)
            {
                Assert.True(directories.Add(change.Target), change.ToString());
            }
            else if (change.Kind != GuestChangeKind.HiveRepaired)
            {
                Assert.Equal(change.Before, guest.Before.Files.GetValueOrDefault(change.Target));
                expected[change.Target] = change.After!;
            }
        }

        foreach (string hive in guest.EditedHives)
        {
            foreach (string file in s_logSuffixes.Select(suffix => Config + hive + suffix).Append(Config + hive))
            {
                if (guest.After.Files.TryGetValue(file, out string? edited))
                {
                    expected[file] = edited;
                }
            }
        }

        Assert.Equal(Lines(expected), Lines(guest.After.Files));
        Assert.Equal(directories.Order(StringComparer.OrdinalIgnoreCase), guest.After.Directories.Order(StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>hivex: each edited hive differs by exactly the changes that the edit lists, and is sound.</summary>
    public static void OnlyReportedKeysAndValuesDiffer(EditedGuest guest)
    {
        Assert.Contains("SYSTEM", guest.EditedHives);
        foreach (string hive in (string[])["SYSTEM", "SOFTWARE", "DRIVERS"])
        {
            if (!guest.After.Files.ContainsKey(Config + hive))
            {
                continue;
            }

            HiveDump before = guest.DumpBefore(hive);
            Assert.Equal(
                before.DifferencesReported(guest.NetChanges, $@"HKLM\{hive}\"),
                before.DifferencesTo(guest.DumpAfter(hive)));
        }
    }

    /// <summary>The hives are whole and clean, and no log beside them could be replayed over them.</summary>
    public static void TheHivesAreCleanAndTheirLogsEmpty(EditedGuest guest)
    {
        foreach (string hive in guest.EditedHives)
        {
            byte[] after = guest.HiveAfter(hive);
            HashSet<HiveFinding> known = [.. HiveChecker.Check(new MemoryBlockDevice(guest.HiveBefore(hive)))];
            Assert.DoesNotContain(HiveChecker.Check(new MemoryBlockDevice(after)), finding => !known.Contains(finding));
            Assert.True(RawHive.IsClean(after), $"{hive} is not clean");
            foreach (string log in s_logSuffixes.Select(suffix => hive + suffix).Where(log => guest.After.Files.ContainsKey(Config + log)))
            {
                byte[] content = File.ReadAllBytes(guest.After.Hive(log));
                Assert.False(content.AsSpan(0, Math.Min(content.Length, 1024)).ContainsAnyExcept((byte)0), $"{log} could be replayed");
                Assert.Equal(guest.Before.Files[Config + log].Split(' ')[0], guest.After.Files[Config + log].Split(' ')[0]);
            }
        }
    }

    /// <summary>The same edit again finds nothing to do and does not even write the file.</summary>
    public static void ASecondRunChangesNothing(EditedGuest guest)
    {
        string hash = EditedGuest.Hash(guest.Edit.ImagePath);
        GuestEditRequest again = Plans.Request(guest.Plan, guest.Edit.ImagePath);

        GuestEdit edit = Plans.Run(again);

        Assert.All(edit.Changes, change => Assert.Equal(GuestChangeKind.Unchanged, change.Kind));
        Assert.Equal(0, edit.BytesChanged);
        Assert.Equal(hash, EditedGuest.Hash(guest.Edit.ImagePath));
        Assert.True(edit.Layout.IsVirtioBootReady);
    }

    private static string[] Lines(IReadOnlyDictionary<string, string> files) =>
        [.. files.Select(pair => $"{pair.Key.ToUpperInvariant()}: {pair.Value}").Order(StringComparer.Ordinal)];
}
