using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.FileSystems.Fat;
using Hyper2Kvm.FileSystems.Ntfs;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Editing;

/// <summary>The second pair of eyes: reads an edited disk afresh and refuses the edit when anything is not as it should be.</summary>
internal sealed class EditVerifier(IBlockDevice before, OverlayBlockDevice edited, WindowsLayout layout, DateTime utcNow)
{
    private const int FindingsShown = 5;

    /// <summary>Damage that was there before the edit is not the edit's; everything else is.</summary>
    /// <returns>The damage that was there.</returns>
    /// <exception cref="GuestStateException"><c>VolumeDamaged</c>: it makes an edit unsafe; <c>EditVerificationFailed</c>: the edit's own.</exception>
    public IReadOnlyList<DiskFinding> CheckStructures(IEnumerable<EditableVolume> volumes)
    {
        List<DiskFinding> known = [];
        List<string> added = [.. volumes.SelectMany(volume => NewFindings(volume, known))];
        RefuseUnsafe(known);
        Refuse(added);
        return known;
    }

    /// <summary>The steps, run again over the result, must find everything as they want it.</summary>
    public void CheckNothingLeftToDo(IEnumerable<EditAction> actions)
    {
        ChangeRecorder recorder = new();
        OverlayBlockDevice scratch = new(edited);
        EditableGuest guest = EditableGuest.Open(scratch, layout, recorder, utcNow);
        foreach (EditAction action in actions)
        {
            recorder.Step = action.Step;
            EditSteps.Create(action).Apply(guest);
        }

        Refuse([.. recorder.Changes
            .Where(change => change.Kind != GuestChangeKind.Unchanged)
            .Select(change => $"{change.Target} reads back as {change.Before ?? "missing"}, wanted {change.After ?? "gone"}")]);
    }

    private List<string> NewFindings(EditableVolume changed, List<DiskFinding> known)
    {
        BlockSlice Volume(IBlockDevice disk) => new(disk, new BlockRange(changed.Partition.Offset, changed.Partition.Size));
        IBlockDevice after = Volume(edited);

        // The hives are read here, since the devices beneath serve one thread, and judged beside the volume: that is all computing.
        List<(GuestPath Path, Task<IReadOnlyList<HiveFinding>> Findings)> running =
            [.. changed.ChangedHives.Select(hive => (hive, StartCheck(after, hive)))];
        List<string> findings = [.. New(
            CheckVolume(after, changed.Touched),
            () => CheckVolume(Volume(before), changed.Touched),
            finding => DiskFindings.OfVolume(changed.Partition.Number, changed.Partition.FileSystem, finding, unsettled: false),
            known)];
        foreach ((GuestPath hive, Task<IReadOnlyList<HiveFinding>> check) in running)
        {
            findings.AddRange(New(
                check.GetAwaiter().GetResult(),
                () => StartCheck(Volume(before), hive).GetAwaiter().GetResult(),
                finding => DiskFindings.OfHive(changed.Partition.Number, hive.ToString(), finding),
                known));
        }

        return findings;
    }

    /// <summary>Counts by kind: an edit moves things, so that old damage may show at another place. Where nothing is wrong afterwards, the
    /// disk as it was need not be judged.</summary>
    private static IEnumerable<string> New<T>(
        IReadOnlyList<T> after, Func<IReadOnlyList<T>> before, Func<T, DiskFinding> describe, List<DiskFinding> known)
    {
        if (after.Count == 0)
        {
            return [];
        }

        // A file that the edit made was not there before: that is no damage, and no excuse for one that is not there afterwards.
        List<DiskFinding> old = [.. before().Select(describe).Where(finding => finding.Id != "NtfsPathMissing")];
        known.AddRange(old);
        Dictionary<string, int> counts = old.GroupBy(finding => finding.Id).ToDictionary(group => group.Key, group => group.Count());
        return after.Select(describe)
            .GroupBy(finding => finding.Id)
            .Where(group => group.Count() > counts.GetValueOrDefault(group.Key))
            .SelectMany(group => group)
            .Select(Line);
    }

    private static string Line(DiskFinding finding) =>
        $"{finding.Structure}{(finding.Place.Length == 0 ? "" : $", {finding.Place}")}: {finding.Message} ({finding.Id})";

    private static IReadOnlyList<FileSystemFinding> CheckVolume(IBlockDevice volume, IReadOnlyList<GuestPath> touched) =>
        NtfsVolume.IsNtfs(volume) ? NtfsChecker.CheckPaths(volume, touched) : FatChecker.Check(volume);

    private static Task<IReadOnlyList<HiveFinding>> StartCheck(IBlockDevice volume, GuestPath hive)
    {
        Func<IReadOnlyList<HiveFinding>> check = HiveChecker.Load(OpenFileSystem(volume).OpenFile(hive));
        return Task.Run<IReadOnlyList<HiveFinding>>(() => [.. check().Where(finding => !finding.IsInformation)]);
    }

    private static IGuestFileSystem OpenFileSystem(IBlockDevice volume) =>
        NtfsVolume.IsNtfs(volume) ? NtfsVolume.Open(volume) : FatVolume.Open(volume);

    /// <summary>Where free space is not free, or chains cross, whatever is written may be somebody else's.</summary>
    private void RefuseUnsafe(List<DiskFinding> known)
    {
        if (known.Where(finding => DiskFindings.IsUnsafeToEdit(finding.Id)).ToList() is { Count: > 0 } found)
        {
            throw new GuestStateException(
                "VolumeDamaged",
                layout.ImagePath,
                $"'{layout.ImagePath}' is not edited: partition {found[0].Partition} was damaged before, so that an edit could overwrite other files "
                + $"({found.Count} findings): {string.Join("; ", found.Take(FindingsShown).Select(Line))}.",
                found[0].Remedy + " Test-WindowsDisk lists all findings.");
        }
    }

    private void Refuse(List<string> findings)
    {
        if (findings.Count > 0)
        {
            string shown = string.Join("; ", findings.Take(FindingsShown));
            throw new GuestStateException(
                "EditVerificationFailed",
                layout.ImagePath,
                $"The edit of '{layout.ImagePath}' did not pass its second reading ({findings.Count} findings): {shown}.",
                "Nothing was written. Please report this with the layout of the disk.");
        }
    }
}
