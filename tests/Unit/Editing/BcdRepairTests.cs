using System.Security.Cryptography;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing;
using Hyper2Kvm.Editing.Actions;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Images;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Editing;

public sealed class BcdRepairTests
{
    private const string Store = @"\EFI\Microsoft\Boot\BCD";

    [Fact]
    public void Devices_of_another_disk_are_led_to_this_one_after_a_copy_beside_the_store()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.Variant("foreign-boot-store"), folder);
        byte[] source = File.ReadAllBytes(disk);
        byte[] before = Read(disk, 1, Store);
        BcdTest broken = Test(disk);
        Assert.False(broken.IsBootable);
        Assert.True(broken.IsRepairable);

        GuestEdit edit = Repair(disk);

        BcdTest repaired = Test(edit.ImagePath);
        Assert.Empty(repaired.Findings);
        Assert.Equal(source, File.ReadAllBytes(disk));
        string copy = $"{Store}.hyper2kvm-{Convert.ToHexString(SHA256.HashData(before)).ToLowerInvariant()[..12]}";
        Assert.Equal(before, Read(edit.ImagePath, 1, copy));
        Assert.All(edit.Changes.Where(change => change.Kind != GuestChangeKind.FileAdded), change =>
        {
            Assert.Equal(GuestChangeKind.ValueChanged, change.Kind);
            Assert.Matches(@"^BCD\\Objects\\\{[0-9a-f-]+\}\\Elements\\[123]1[0-9a-f]{6}\\Element$", change.Target);
        });

        GuestEdit again = Repair(disk);
        Assert.Equal(0, again.BytesChanged);
        Assert.Empty(again.Changes);
    }

    [OracleFact("hivexregedit")]
    public void Hivex_sees_the_same_store_but_for_the_devices()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.Variant("foreign-boot-store"), folder);
        byte[] before = Read(disk, 1, Store);
        GuestEdit edit = Repair(disk);
        byte[] after = Read(edit.ImagePath, 1, Store);

        Assert.Equal(before.AsSpan(0x14, 0x10).ToArray(), after.AsSpan(0x14, 0x10).ToArray());
        Assert.Equal(after.AsSpan(4, 4).ToArray(), after.AsSpan(8, 4).ToArray());
        string[] old = HivexLines(before, folder.File("old.hive"));
        string[] now = HivexLines(after, folder.File("now.hive"));
        Assert.Equal(old.Length, now.Length);
        int changed = 0;
        string key = "";
        for (int i = 0; i < old.Length; i++)
        {
            key = old[i].StartsWith('[') ? old[i] : key;
            if (old[i] != now[i])
            {
                Assert.Matches(@"\\Elements\\[123]1[0-9a-fA-F]{6}\]$", key);
                Assert.StartsWith("\"Element\"=hex(3):", now[i], StringComparison.Ordinal);
                changed++;
            }
        }

        Assert.Equal(edit.Changes.Count(change => change.Kind == GuestChangeKind.ValueChanged), changed);
    }

    [Fact]
    public void Missing_fallback_loader_is_copied_from_the_boot_manager()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.Variant("no-fallback-loader"), folder);
        Assert.True(Test(disk).IsRepairable);
        GuestEdit edit = Repair(disk);
        Assert.Equal(Read(edit.ImagePath, 1, @"\EFI\Microsoft\Boot\bootmgfw.efi"), Read(edit.ImagePath, 1, @"\EFI\Boot\bootx64.efi"));
        Assert.True(Test(edit.ImagePath).IsBootable);
        Assert.DoesNotContain(edit.Changes, change => change.Target.Contains("hyper2kvm", StringComparison.Ordinal));
    }

    [OracleFact("qemu-img")]
    public void Active_flag_goes_to_the_partition_with_the_boot_manager()
    {
        using TempFolder folder = new();
        string disk = folder.File("win7.raw");
        ForeignTool.RunOk("qemu-img", "convert", "-O", "raw", Fixtures.Windows7Disk, disk);
        foreach ((byte first, byte second, string id) in ((byte, byte, string)[])
            [(0, 0, "BcdSystemPartitionMissing"), (0, 0x80, "BcdActiveWrong"), (0x80, 0x80, "BcdSeveralActive")])
        {
            byte[] sound = File.ReadAllBytes(disk);
            using (FileStream stream = File.OpenWrite(disk))
            {
                stream.Position = 0x1BE;
                stream.WriteByte(first);
                stream.Position = 0x1CE;
                stream.WriteByte(second);
            }

            BcdTest test = Test(disk);
            Assert.Contains(test.Findings, finding => finding.Id == id && finding.IsRepairable);
            Assert.True(test.IsRepairable);
            GuestEdit edit = Repair(disk);
            Assert.Empty(Test(edit.ImagePath).Findings);
            Assert.All(edit.Changes, change => Assert.Equal(GuestChangeKind.PartitionChanged, change.Kind));
            string flat = folder.File("flat.raw");
            ForeignTool.RunOk("qemu-img", "convert", "-O", "raw", edit.ImagePath, flat);
            byte[] repaired = File.ReadAllBytes(flat);
            Assert.Equal((0x80, 0), (repaired[0x1BE], repaired[0x1CE]));
            repaired[0x1BE] = first;
            repaired[0x1CE] = second;
            Assert.True(File.ReadAllBytes(disk).AsSpan().SequenceEqual(repaired));
            File.Delete(edit.ImagePath);
            File.WriteAllBytes(disk, sound);
        }
    }

    [OracleFact("qemu-img")]
    public void Changed_disk_signature_is_followed()
    {
        using TempFolder folder = new();
        string disk = folder.File("win7.raw");
        ForeignTool.RunOk("qemu-img", "convert", "-O", "raw", Fixtures.Windows7Disk, disk);
        using (FileStream stream = File.OpenWrite(disk))
        {
            stream.Position = 0x1B8;
            stream.Write([0x78, 0x56, 0x34, 0x12]);
        }

        Assert.Contains(Test(disk).Findings, finding => finding is { Id: "BcdDiskIdMismatch", Severity: FindingSeverity.Error, IsRepairable: true });
        GuestEdit edit = Repair(disk);
        Assert.DoesNotContain(Test(edit.ImagePath).Findings, finding => finding.Id == "BcdDiskIdMismatch");
    }

    [Fact]
    public void What_the_disk_does_not_tell_is_refused()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.Variant("no-boot-store"), folder);
        GuestStateException error = Assert.Throws<GuestStateException>(() => Repair(disk));
        Assert.Equal("BcdNotRepairable", error.ErrorId);
        Assert.Contains("BcdStoreMissing", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sound_disk_is_left_as_it_is()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        Assert.Empty(Repair(disk).Changes);
    }

    [Fact]
    public void Copy_in_the_guest_is_made_once_and_survives_a_repair()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.Variant("foreign-boot-store"), folder);
        byte[] before = Read(disk, 1, Store);
        string hash = Convert.ToHexString(SHA256.HashData(before)).ToLowerInvariant();
        IReadOnlyList<EditAction> actions = [new BcdBackupAction(Store, hash), new BcdRepairAction()];
        GuestEdit edit = Run(disk, actions);
        Assert.Equal(
            [$"#1:{Store}.hyper2kvm-{hash[..12]}", $"#1:{Store}.hyper2kvm-{hash[..12]}.LOG1"],
            edit.Changes.Where(change => change.Kind == GuestChangeKind.FileAdded).Select(change => change.Target));
        Assert.Equal(before, Read(edit.ImagePath, 1, $"{Store}.hyper2kvm-{hash[..12]}"));
        Assert.Equal(0, Run(disk, actions).BytesChanged);
    }

    private static GuestEdit Repair(string disk) => Run(disk, BcdRepairer.Plan(disk, Plans.Probe(disk), SilentReporter.Instance));

    private static GuestEdit Run(string disk, IReadOnlyList<EditAction> actions) => GuestEditor.Run(
        new GuestEditRequest { Layout = Plans.Probe(disk), ImagePath = disk, Actions = actions },
        SilentReporter.Instance,
        CancellationToken.None);

    private static BcdTest Test(string disk) => BcdReader.Test(disk, null, null, SilentReporter.Instance);

    private static byte[] Read(string disk, int partition, string path)
    {
        using DiskImage image = ImageDetector.Open(disk);
        GuestVolume volume = GuestDisk.Open(image).Volumes.Single(one => one.Partition.Number == partition);
        return volume.FileSystem!.OpenFile(new GuestPath(path)).ReadAll(1 << 24, "TestFileTooLarge", path);
    }

    private static string[] HivexLines(byte[] hive, string file)
    {
        File.WriteAllBytes(file, hive);
        return ForeignTool.RunOk("hivexregedit", "--export", file, @"\").Split('\n');
    }
}
