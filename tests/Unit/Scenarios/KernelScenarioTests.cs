using System.Security.Cryptography;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Scenarios;

/// <summary>Linux with its ntfs3 driver, in a QEMU machine, as the judge of edited disks.</summary>
/// <remarks>
/// QEMU gives Linux the overlay as the edit left it, with its relative backing name, under a throw-away overlay, on VirtIO and on SATA or IDE,
/// and the disk before the edit beside it. Linux mounts C: for writing, without force, which ntfs3 does only with a clean log and no
/// dirty flag, and reads every file. Judged: the edited tree is the tree from before with exactly the files and directories that the edit lists,
/// with the content that it lists; driver files are those of the plan; hives are byte for byte what ntfscat reads. Then Linux makes 51 files in
/// each of the directories where the edit did, deletes 50 of them and a driver file of the edit, and mounts anew: all else is as it was.
/// The kernel's log has no complaint, and our checker finds nothing on the written volume that it does not find on the other one, which
/// went through the same. ntfs3 shares no code with ntfs-3g: it has its own reading of runs, indexes, bitmaps and the log.
/// </remarks>
public class KernelScenarioTests
{
    [LinuxFact]
    public void Linux_takes_the_edited_Server_2022_on_VirtIO_and_on_SATA()
    {
        using TempFolder folder = new();
        string source = Fixtures.Copy(Fixtures.SampleDisk, folder);
        GuestEdit edit = Plans.Edit(source);
        Judge(
            folder, edit, "q35",
            new LinuxDisk("control", "ide-hd,bus=ide.0", source, "vmdk"),
            new LinuxDisk("virtio", "virtio-blk-pci", edit.ImagePath, "qcow2"),
            new LinuxDisk("sata", "ide-hd,bus=ide.1", edit.ImagePath, "qcow2"));
    }

    [LinuxFact]
    public void Linux_takes_the_edited_Windows_7_on_VirtIO_and_on_IDE()
    {
        using TempFolder folder = new();
        string source = Fixtures.Copy(Fixtures.Windows7Disk, folder);
        GuestEdit edit = Plans.Edit(source);
        Judge(
            folder, edit, "pc",
            new LinuxDisk("control", "ide-hd,bus=ide.0", source, "qcow2"),
            new LinuxDisk("virtio", "virtio-blk-pci", edit.ImagePath, "qcow2"),
            new LinuxDisk("ide", "ide-hd,bus=ide.1", edit.ImagePath, "qcow2"));
    }

    private static void Judge(TempFolder folder, GuestEdit edit, string machine, LinuxDisk control, params LinuxDisk[] edited)
    {
        string driver = $@"{edit.Layout.System32}\drivers\{edit.Plan!.Storage[0].Service.BinaryName}";
        LinuxJudge linux = new(folder, edit.Layout, driver, machine, [control, .. edited]);

        linux.HasNoComplaint();
        Dictionary<string, string> before = linux.Tree(control.Name, "first");
        Assert.Equal(Lines(LinuxJudge.Written(before, edit.Layout.WindowsRoot)), Lines(linux.Tree(control.Name, "second")));
        HashSet<string> knownFindings = [.. LinuxJudge.Check(linux.VolumeAfter(control.Name)).Select(finding => finding.Id)];
        foreach (string disk in edited.Select(disk => disk.Name))
        {
            Dictionary<string, string> after = linux.Tree(disk, "first");
            string volume = linux.VolumeAfter(disk);
            Assert.Equal(Lines(Edited(before, edit, volume)), Lines(after));
            TheDriversAreThoseOfThePlan(edit, after);
            Assert.True(after.Remove(driver));
            Assert.Equal(Lines(LinuxJudge.Written(after, edit.Layout.WindowsRoot)), Lines(linux.Tree(disk, "second")));
            Assert.Equal(Lines(linux.Tree(control.Name, "boot")), Lines(linux.Tree(disk, "boot")));
            Assert.DoesNotContain(LinuxJudge.Check(volume), finding => !knownFindings.Contains(finding.Id));
        }
    }

    /// <summary>The tree as it has to be after the edit: of the files that it lists by what it says, of the hives that it edited by what ntfscat reads.</summary>
    private static Dictionary<string, string> Edited(Dictionary<string, string> before, GuestEdit edit, string volume)
    {
        const string HashMark = "SHA-256 ";
        Dictionary<string, string> tree = new(before, before.Comparer);
        foreach (GuestChange change in edit.Changes)
        {
            if (change.Kind == GuestChangeKind.DirectoryAdded)
            {
                tree.Add(change.Target, "dir");
            }
            else if (change.Kind is GuestChangeKind.FileAdded or GuestChangeKind.FileReplaced)
            {
                tree[change.Target] = change.After!.Split(HashMark)[1];
            }
        }

        foreach (string file in HiveFiles(edit).Where(tree.ContainsKey))
        {
            tree[file] = Hash(ForeignTool.Bytes("ntfscat", volume, file.Replace('\\', '/')));
        }

        Assert.NotEqual(before.Count, tree.Count);
        return tree;
    }

    /// <summary>The hives that the edit changed, and their logs.</summary>
    private static IEnumerable<string> HiveFiles(GuestEdit edit) =>
        from hive in edit.Changes
            .Where(change => change.Kind != GuestChangeKind.Unchanged && change.Target.StartsWith(@"HKLM\", StringComparison.Ordinal))
            .Select(change => change.Target.Split('\\')[1])
            .Distinct()
        from suffix in (string[])["", ".LOG", ".LOG1", ".LOG2"]
        select $@"{edit.Layout.System32}\config\{hive}{suffix}";

    private static void TheDriversAreThoseOfThePlan(GuestEdit edit, Dictionary<string, string> tree)
    {
        Assert.NotEmpty(edit.Plan!.Storage);
        foreach (PlannedDriver driver in edit.Plan!.Storage)
        {
            PlannedFile binary = driver.Files.Single(file => file.Name == driver.Service.BinaryName);
            Assert.Equal(binary.Sha256, tree[$@"{edit.Layout.System32}\drivers\{binary.Name}"]);
        }
    }

    private static string Hash(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private static string[] Lines(Dictionary<string, string> tree) => [.. tree.Select(pair => $"{pair.Key.ToUpperInvariant()}: {pair.Value}").Order(StringComparer.Ordinal)];
}
