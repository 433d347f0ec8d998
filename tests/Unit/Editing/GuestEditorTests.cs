using System.Buffers.Binary;
using System.Security.Cryptography;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.FileSystems.Ntfs;
using Hyper2Kvm.Images;
using Hyper2Kvm.Images.Qcow2;
using Hyper2Kvm.Registry;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Editing;

public class GuestEditorTests
{
    private static readonly GuestChangeKind[] s_additions =
    [
        GuestChangeKind.FileAdded, GuestChangeKind.DirectoryAdded, GuestChangeKind.KeyAdded, GuestChangeKind.ValueAdded,
        GuestChangeKind.ValueChanged, GuestChangeKind.KeyDeleted, GuestChangeKind.Unchanged,
    ];

    [Fact]
    public void An_edit_makes_the_guest_boot_ready_and_leaves_the_source_alone()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        string before = Hash(disk);
        Assert.False(Plans.Probe(disk).IsVirtioBootReady);

        GuestEdit edit = Plans.Edit(disk);

        Assert.Equal(["viostor", "vioscsi"], Plans.Probe(edit.ImagePath).BootReadyDrivers);
        Assert.True(edit.Layout.IsVirtioBootReady);
        Assert.Equal(Path.ChangeExtension(disk, ".kvm.qcow2"), edit.ImagePath);
        Assert.Equal(disk, edit.SourcePath);
        Assert.Equal(before, Hash(disk));
        Assert.All(edit.Changes, change => Assert.Contains(change.Kind, s_additions));
        Assert.Contains(edit.Changes, change => change.Target == @"HKLM\SYSTEM\ControlSet001\Services\viostor\Start");
    }

    [Fact]
    public void The_same_edit_again_changes_nothing()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        GuestEdit first = Plans.Edit(disk);
        string hash = Hash(first.ImagePath);

        GuestEdit onSource = Plans.Edit(disk);
        GuestEdit onOverlay = Plans.Edit(first.ImagePath);

        Assert.All([onSource, onOverlay], edit =>
        {
            Assert.Equal(first.ImagePath, edit.ImagePath);
            Assert.Equal(disk, edit.SourcePath);
            Assert.Equal(0, edit.BytesChanged);
            Assert.All(edit.Changes, change => Assert.Equal(GuestChangeKind.Unchanged, change.Kind));
        });
        Assert.Equal(hash, Hash(first.ImagePath));
    }

    [Fact]
    public void A_second_step_goes_on_in_the_overlay_of_the_first()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        GuestEditRequest request = Plans.Request(Plans.Plan(disk), disk);

        GuestEdit first = Plans.Run(request with { Actions = EditSteps.AddBootStartStorage(request.Plan!) });
        Assert.False(first.Layout.IsVirtioBootReady);
        GuestEdit second = Plans.Run(request with { ImagePath = first.ImagePath, Actions = EditSteps.SetCriticalDeviceDatabase(request.Plan!) });

        Assert.Equal(first.ImagePath, second.ImagePath);
        Assert.Equal(disk, second.SourcePath);
        Assert.True(second.Layout.IsVirtioBootReady);
        using DiskImage image = ImageDetector.Open(second.ImagePath);
        Assert.Equal([second.ImagePath, disk], image.Files);
    }

    [Fact]
    public void A_rehearsal_tells_the_same_changes_and_writes_nothing()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        GuestEditRequest request = Plans.Request(Plans.Plan(disk), disk);

        GuestEdit preview = Plans.Run(request with { Preview = true });
        Assert.Equal([disk], Directory.GetFiles(Path.GetDirectoryName(disk)!));
        GuestEdit real = Plans.Run(request);

        Assert.Equal(EditMode.Preview, preview.Mode);
        Assert.Equal(
            real.Changes.Where(change => !IsTimeOfEdit(change)),
            preview.Changes.Where(change => !IsTimeOfEdit(change)));

        // ImportDate and UpdateDate of the driver database.
        static bool IsTimeOfEdit(GuestChange change) => change.Target.EndsWith("Date", StringComparison.Ordinal);
    }

    [Fact]
    public void A_rehearsal_after_a_rehearsal_stands_on_it_and_tells_only_its_own_changes()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        GuestEditRequest request = Plans.Request(Plans.Plan(disk), disk) with { Preview = true };

        GuestEdit first = Plans.Run(request with { Actions = EditSteps.AddBootStartStorage(request.Plan!) });
        GuestEdit second = Plans.Run(request with { Actions = EditSteps.SetCriticalDeviceDatabase(request.Plan!), RehearsedActions = first.Actions });

        Assert.True(second.Layout.IsVirtioBootReady);
        Assert.All(second.Changes, change => Assert.Equal("DeviceDatabase", change.Step));
    }

    [Theory]
    [InlineData("hibernated", "GuestHibernated")]
    [InlineData("fast-startup", "GuestHibernated")]
    [InlineData("dirty-volume", "NtfsVolumeDirty")]
    [InlineData("dirty-log", "NtfsLogNotClean")]
    [InlineData("pending-servicing", "ServicingPending")]
    public void A_guest_in_an_unsafe_state_is_described_and_refused_and_nothing_is_left_behind(string variant, string errorId)
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.Variant(variant), folder);
        string[] before = Files(folder);
        VirtioDriverPlan plan = Plans.Plan(disk);

        GuestCondition condition = Assert.Single(plan.Layout.Conditions, condition => condition.BlocksEdit);
        GuestStateException refusal = Assert.Throws<GuestStateException>(() => Plans.Run(Plans.Request(plan, disk)));

        Assert.Equal(errorId, condition.Id);
        Assert.Equal(errorId, refusal.ErrorId);
        Assert.NotEmpty(refusal.Remedy!);
        Assert.Equal(before, Files(folder));
    }

    [Fact]
    public void A_file_that_is_not_ours_is_replaced_only_by_force()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        GuestEditRequest request = Plans.Request(Plans.Plan(disk), disk) with { Destination = folder.File("mine.qcow2") };
        byte[] mine = [.. File.ReadAllBytes(Fixtures.Variant("no-boot-store"))];
        File.WriteAllBytes(request.Destination!, mine);

        Hyper2KvmException refusal = Assert.ThrowsAny<Hyper2KvmException>(() => Plans.Run(request));
        Assert.Equal("DestinationExists", refusal.ErrorId);
        Assert.Equal(mine, File.ReadAllBytes(request.Destination!));

        Assert.Equal(request.Destination, Plans.Run(request with { Force = true }).ImagePath);
        Assert.True(Plans.Probe(request.Destination!).IsVirtioBootReady);
    }

    [Fact]
    public void The_source_is_never_a_destination()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        string before = Hash(disk);
        GuestEditRequest request = Plans.Request(Plans.Plan(disk), disk) with { Destination = disk, Force = true };

        GuestStateException refusal = Assert.Throws<GuestStateException>(() => Plans.Run(request));

        Assert.Equal("DestinationIsSource", refusal.ErrorId);
        Assert.Equal(before, Hash(disk));
    }

    [Fact]
    public void Windows_7_binds_through_the_critical_device_database_of_the_control_sets_that_may_boot()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.Windows7Disk, folder);

        GuestEdit edit = Plans.Edit(disk);

        Assert.Equal(["viostor", "vioscsi"], edit.Layout.BootReadyDrivers);
        Assert.Contains(
            edit.Changes,
            change => change.Target.EndsWith(@"CriticalDeviceDatabase\PCI#VEN_1AF4&DEV_1042\Service", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(edit.Changes, change => change.Target.Contains("DriverDatabase", StringComparison.Ordinal));
        Assert.Equal(
            [edit.Layout.ControlSet, edit.Layout.LastKnownGood],
            edit.Changes.Select(change => change.Target.Split('\\')[2]).Where(name => name.StartsWith("ControlSet", StringComparison.Ordinal)).Distinct());
    }

    [OracleFact("qemu-img")]
    public void QEMU_accepts_the_overlay()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        GuestEdit edit = Plans.Edit(disk);

        ForeignTool.RunOk("qemu-img", "check", edit.ImagePath);
        Assert.Contains("\"backing-filename\": \"sample-win2022.vmdk\"", ForeignTool.RunOk("qemu-img", "info", "--output=json", edit.ImagePath), StringComparison.Ordinal);
    }

    [Fact]
    public void A_DRIVERS_hive_that_was_not_written_back_does_not_stop_an_edit_that_leaves_it_alone()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        string patched = Path.Combine(Path.GetDirectoryName(disk)!, "patched.qcow2");
        PatchGuest(disk, patched, files =>
        {
            IResizableBlockDevice hive = files.OpenFileForWriting(@"\Windows\System32\config\DRIVERS");
            hive.Write(4, [0xEE, 0, 0, 0]); // the primary sequence number, ahead of the secondary
            Hive.ResetLog(files.OpenFileForWriting(@"\Windows\System32\config\DRIVERS.LOG1"));
            Hive.ResetLog(files.OpenFileForWriting(@"\Windows\System32\config\DRIVERS.LOG2"));
        });

        Assert.True(Plans.Edit(patched).Layout.IsVirtioBootReady);
    }

    [Fact]
    public void The_second_reading_judges_the_hives_that_were_written()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        VirtioDriverPlan plan = Plans.Plan(disk);
        using DiskImage image = ImageDetector.Open(disk);
        OverlayBlockDevice overlay = new(image);
        EditableGuest guest = EditableGuest.Open(overlay, plan.Layout, new ChangeRecorder(), DateTime.UtcNow);
        guest.System.SetDword(@"ControlSet001\Services\h2ktest", "Start", 0);
        guest.Complete();
        GuestPath system = Assert.Single(guest.Windows.ChangedHives);
        Assert.Equal(@"\Windows\System32\config\SYSTEM", system.ToString());
        EditVerifier verifier = new(image, overlay, plan.Layout, DateTime.UtcNow);
        verifier.CheckStructures(guest.Volumes);

        // The signature of the first bin: what a faulty write could leave behind.
        IResizableBlockDevice hive = guest.Windows.Files.OpenFileForWriting(system);
        hive.Write(0x1000, "XXXX"u8);
        guest.Windows.Files.Flush();

        GuestStateException refusal = Assert.Throws<GuestStateException>(() => verifier.CheckStructures(guest.Volumes));
        Assert.Equal("EditVerificationFailed", refusal.ErrorId);
        Assert.Contains("HiveBinDamaged", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_volume_beside_that_of_Windows_is_edited_told_and_judged_too()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        WindowsLayout layout = Plans.Probe(disk);
        using DiskImage image = ImageDetector.Open(disk);
        OverlayBlockDevice overlay = new(image);
        ChangeRecorder recorder = new();
        EditableGuest guest = EditableGuest.Open(overlay, layout, recorder, DateTime.UtcNow);
        guest.Volume(layout.BootPartition!).WriteFile(@"\EFI\Boot\h2ktest.efi", [1, 2, 3]);
        guest.Complete();
        EditVerifier verifier = new(image, overlay, layout, DateTime.UtcNow);
        verifier.CheckStructures(guest.Volumes);

        Assert.Equal(@"#1:\EFI\Boot\h2ktest.efi", recorder.Changes[^1].Target);

        // The first bytes of the first table: what a faulty write could hit.
        byte[] head = new byte[512];
        overlay.Read(layout.BootPartition!.Offset, head);
        int table = BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(0x0B)) * BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(0x0E));
        overlay.Write(layout.BootPartition.Offset + table + 4, new byte[64]);
        Assert.Equal(
            "EditVerificationFailed", Assert.Throws<GuestStateException>(() => verifier.CheckStructures(guest.Volumes)).ErrorId);
    }

    /// <summary>Writes a QCOW2 over the disk in which the Windows volume is changed.</summary>
    private static void PatchGuest(string disk, string patched, Action<NtfsWriter> change)
    {
        PartitionInfo windows = Plans.Probe(disk).WindowsPartition;
        using DiskImage image = ImageDetector.Open(disk);
        OverlayBlockDevice overlay = new(image);
        NtfsWriter files = NtfsWriter.Open(new WritableBlockSlice(overlay, new BlockRange(windows.Offset, windows.Size)));
        change(files);
        files.Flush();
        using FileStream stream = File.Create(patched);
        Qcow2Writer.Write(stream, new Qcow2Content
        {
            Disk = overlay,
            Ranges = overlay.DirtyRanges,
            BackingFile = Path.GetFileName(disk),
            BackingFormat = "vmdk",
        });
    }

    private static string Hash(string path) => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)));

    private static string[] Files(TempFolder folder) =>
        [.. Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
