using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing;
using Hyper2Kvm.Editing.Commit;
using Hyper2Kvm.Images;
using Hyper2Kvm.Unit.Crash;
using Hyper2Kvm.Unit.Images;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Editing;

/// <summary>The pipeline's edits written into the image itself, and undone, for each kind of image that holds its bytes as they are.</summary>
public class InPlaceTests
{
    /// <summary>A name, and how qemu-img makes a disk of that kind that holds all of its blocks.</summary>
    public static TheoryData<string, string> Kinds => new()
    {
        { "raw", "-O raw" },
        { "flat.vmdk", "-O vmdk -o subformat=monolithicFlat" },
        { "split.vmdk", "-O vmdk -o subformat=twoGbMaxExtentFlat" },
        { "sparse.vmdk", "-S 0 -O vmdk -o subformat=monolithicSparse" },
        { "parts.vmdk", "-S 0 -O vmdk -o subformat=twoGbMaxExtentSparse" },
        { "fixed.vhd", "-O vpc -o subformat=fixed,force_size=on" },
        { "dynamic.vhd", "-S 0 -O vpc -o subformat=dynamic,force_size=on" },
        { "fixed.vhdx", "-O vhdx -o subformat=fixed" },
        { "dynamic.vhdx", "-S 0 -O vhdx -o subformat=dynamic" },
        { "full.qcow2", "-S 0 -O qcow2" },
        { "old.qcow2", "-S 0 -O qcow2 -o compat=0.10,cluster_size=4096" },
        { "static.vdi", "-O vdi -o static=on" },
        { "narrow.qcow2", "-S 0 -O qcow2 -o refcount_bits=1" },
        { "wide.qcow2", "-S 0 -O qcow2 -o refcount_bits=64" },
        { "lazy.qcow2", "-S 0 -O qcow2 -o lazy_refcounts=on,cluster_size=1M" },
    };

    [OracleTheory("qemu-img")]
    [MemberData(nameof(Kinds))]
    public void An_edit_in_place_makes_the_guest_boot_ready_and_is_undone_to_the_byte(string name, string options)
    {
        using TempFolder folder = new();
        string disk = Make(folder, name, options);
        Dictionary<string, string> before = Files(folder);
        string flatBefore = Flat(folder, disk, "before");

        GuestEdit edit = Edit(disk);

        Assert.Equal(EditMode.InPlace, edit.Mode);
        Assert.Equal(disk, edit.ImagePath);
        Assert.Equal(disk + ".1.h2kv-undo", edit.UndoPath);
        Assert.Equal(["viostor", "vioscsi"], Plans.Probe(disk).BootReadyDrivers);
        Assert.NotEqual(before, Files(folder));
        Assert.DoesNotContain(Directory.GetFiles(folder.Path), file => file.EndsWith("pending", StringComparison.Ordinal) || file.EndsWith(".tmp", StringComparison.Ordinal));
        if (!name.EndsWith(".raw", StringComparison.Ordinal))
        {
            string flat = Flat(folder, disk, "after");
            Assert.Equal(["viostor", "vioscsi"], Plans.Probe(flat).BootReadyDrivers);
            Assert.NotEqual(EditedGuest.Hash(flatBefore), EditedGuest.Hash(flat));
            File.Delete(flat);
        }

        if (Path.GetExtension(name) is ".qcow2" or ".vhdx" or ".vdi")
        {
            Assert.Contains("No errors were found", ForeignTool.RunOk("qemu-img", "check", disk), StringComparison.Ordinal);
        }

        File.Delete(flatBefore);
        UndoneEdit undone = Undo(disk);

        Assert.Equal(edit.BytesChanged, undone.BytesRestored);
        Assert.Equal(before, Files(folder));
        CrashFigures.Report("undone", 1, 1);
    }

    /// <summary>Stacks of edits of bytes anywhere, undone from the last to the first: after each, the disk has the hash of that moment.</summary>
    [Fact]
    public void Edits_anywhere_are_undone_to_the_byte_one_by_one()
    {
        using TempFolder folder = new();
        string disk = folder.File("disk.img");
        Random random = new(3);
        byte[] bytes = new byte[1 << 20];
        random.NextBytes(bytes);
        File.WriteAllBytes(disk, bytes);
        int undone = 0;
        for (int stack = 0; stack < (CrashFigures.IsSoak ? 40 : 3); stack++)
        {
            Stack<string> hashes = [];
            for (int edit = random.Next(1, 8); edit > 0; edit--)
            {
                hashes.Push(EditedGuest.Hash(disk));
                WriteAnywhere(disk, random);
            }

            while (hashes.TryPop(out string? hash))
            {
                Undo(disk, last: true);
                Assert.Equal(hash, EditedGuest.Hash(disk));
                undone++;
            }
        }

        CrashFigures.Report("undone", undone, undone);
    }

    [OracleFact("qemu-img")]
    public void Edits_in_a_row_are_undone_one_by_one_or_all_together()
    {
        using TempFolder folder = new();
        string disk = Make(folder, "disk.vhdx", "-O vhdx -o subformat=fixed");
        string original = EditedGuest.Hash(disk);
        GuestEditRequest request = Plans.Request(Plans.Plan(disk), disk) with { InPlace = true };
        Plans.Run(request with { Actions = EditSteps.AddBootStartStorage(request.Plan!) });
        string first = EditedGuest.Hash(disk);
        GuestEdit second = Plans.Run(request with { Actions = EditSteps.SetCriticalDeviceDatabase(request.Plan!) });
        string both = EditedGuest.Hash(disk);
        Assert.Equal(disk + ".2.h2kv-undo", second.UndoPath);

        Assert.Equal(1, Undo(disk, last: true).Edits);
        Assert.Equal(first, EditedGuest.Hash(disk));
        Plans.Run(request with { Actions = EditSteps.SetCriticalDeviceDatabase(request.Plan!) });
        Assert.NotEqual(both, EditedGuest.Hash(disk)); // times and GUIDs are new

        Assert.Equal(2, Undo(disk).Edits);
        Assert.Equal(original, EditedGuest.Hash(disk));
        Assert.Equal("NothingToUndo", Assert.Throws<GuestItemNotFoundException>(() => Undo(disk)).ErrorId);
    }

    [OracleFact("qemu-img")]
    public void The_same_edit_again_writes_nothing_and_leaves_no_second_journal()
    {
        using TempFolder folder = new();
        string disk = Make(folder, "disk.raw", "-O raw");
        Edit(disk);
        Dictionary<string, string> before = Files(folder);

        GuestEdit again = Edit(disk);

        Assert.All(again.Changes, change => Assert.Equal(GuestChangeKind.Unchanged, change.Kind));
        Assert.Null(again.UndoPath);
        Assert.Equal(0, again.BytesChanged);
        Assert.Equal(before, Files(folder));
    }

    [OracleTheory("qemu-img")]
    [InlineData("-O vmdk -o subformat=streamOptimized", "InPlaceNotSupported")]
    [InlineData("-O qcow2 -o cluster_size=512", "InPlaceBlockNotHeld")]
    [InlineData("-c -O qcow2", "InPlaceBlockNotHeld")]
    public void A_disk_that_does_not_hold_all_bytes_as_they_are_is_refused_whole(string options, string errorId)
    {
        using TempFolder folder = new();
        string disk = Make(folder, "disk.img", options);
        Dictionary<string, string> before = Files(folder);

        UnsupportedFeatureException refused = Assert.Throws<UnsupportedFeatureException>(() => Edit(disk));
        Assert.Equal(errorId, refused.ErrorId);
        Assert.Equal(errorId, Assert.Throws<UnsupportedFeatureException>(() => Edit(disk, preview: true)).ErrorId);
        Assert.Equal(before, Files(folder));
    }

    /// <summary>A backup that goes by a dirty bitmap would miss the edit: QEMU must take the bitmap for stale, and after the undo for good.</summary>
    [OracleFact("qemu-img")]
    public void A_dirty_bitmap_does_not_count_while_the_edit_is_there()
    {
        using TempFolder folder = new();
        string disk = Make(folder, "disk.qcow2", "-S 0 -O qcow2");
        ForeignTool.RunOk("qemu-img", "bitmap", "--add", disk, "backup");
        Dictionary<string, string> before = Files(folder);
        Assert.Contains("backup", ForeignTool.RunOk("qemu-img", "info", disk), StringComparison.Ordinal);

        Edit(disk);

        Assert.DoesNotContain("backup", ForeignTool.RunOk("qemu-img", "info", disk), StringComparison.Ordinal);
        Undo(disk);
        Assert.Equal(before, Files(folder));
        Assert.Contains("backup", ForeignTool.RunOk("qemu-img", "info", disk), StringComparison.Ordinal);
    }

    /// <summary>As ESX writes them: no tool here makes one, so the blocks are laid out by the format, and QEMU reads the result.</summary>
    [OracleTheory("qemu-img")]
    [InlineData(1)]
    [InlineData(128)]
    public void An_extent_of_an_ESX_snapshot_is_edited_and_undone(int grainSectors)
    {
        using TempFolder folder = new();
        string raw = Make(folder, "before.raw", "-O raw");
        byte[] bytes = File.ReadAllBytes(raw);
        File.WriteAllBytes(folder.File("disk-delta.vmdk"), EsxExtents.Cowd(bytes, grainSectors, _ => true));
        string disk = folder.File("disk.vmdk");
        File.WriteAllText(disk, EsxExtents.Descriptor("vmfsSparse", $"RW {bytes.Length / 512} VMFSSPARSE \"disk-delta.vmdk\""));
        Dictionary<string, string> before = Files(folder);

        Edit(disk);

        Assert.NotEqual(before["disk-delta.vmdk"], Files(folder)["disk-delta.vmdk"]);
        string flat = Flat(folder, disk, "after");
        Assert.Equal(["viostor", "vioscsi"], Plans.Probe(flat).BootReadyDrivers);
        Undo(disk);
        Assert.Equal(before, Files(folder));
    }

    [OracleFact("qemu-img")]
    public void Clusters_that_a_snapshot_shares_are_not_written()
    {
        using TempFolder folder = new();
        string disk = Make(folder, "disk.qcow2", "-S 0 -O qcow2");
        ForeignTool.RunOk("qemu-img", "snapshot", "-c", "before", disk);

        UnsupportedFeatureException refused = Assert.Throws<UnsupportedFeatureException>(() => Edit(disk));

        Assert.Equal("InPlaceNotSupported", refused.ErrorId);
        Assert.Contains("internal snapshots", refused.Message, StringComparison.Ordinal);
    }

    [OracleTheory("qemu-img")]
    [InlineData("disk.raw", "-O raw", "raw", "qcow2")]
    [InlineData("disk.vmdk", "-O vmdk -o subformat=monolithicFlat", "vmdk", "qcow2")]
    [InlineData("disk.vmdk", "-S 0 -O vmdk -o subformat=monolithicSparse", "vmdk", "vmdk")]
    public void A_disk_with_an_image_on_top_of_it_is_refused(string name, string options, string format, string childFormat)
    {
        using TempFolder folder = new();
        string disk = Make(folder, name, options);
        ForeignTool.RunOk("qemu-img", "create", "-f", childFormat, "-b", name, "-F", format, folder.File($"child.{childFormat}"));
        string before = EditedGuest.Hash(disk);

        Assert.Equal("ImageHasChildren", Assert.Throws<GuestStateException>(() => Edit(disk)).ErrorId);
        Assert.Equal(before, EditedGuest.Hash(disk));
    }

    [OracleFact("qemu-img")]
    public void An_overlay_is_removed_while_nobody_has_written_to_it()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        GuestEdit edit = Plans.Edit(disk);
        Assert.StartsWith("Undo-GuestEdit -LiteralPath '", edit.Undo, StringComparison.Ordinal);

        UndoneEdit undone = Undo(disk); // by its source
        Assert.Equal(edit.ImagePath, undone.RemovedPath);
        Assert.Equal(disk, undone.ImagePath);
        Assert.False(File.Exists(edit.ImagePath));

        edit = Plans.Edit(disk);
        ForeignTool.RunOk("qemu-io", "-f", "qcow2", "-c", "write -P 7 60M 4k", edit.ImagePath);
        Assert.Equal("OverlayChangedSinceEdit", Assert.Throws<GuestStateException>(() => Undo(edit.ImagePath)).ErrorId);
        Assert.True(File.Exists(edit.ImagePath));
        GuestUndo.Run(new GuestUndoRequest { ImagePath = edit.ImagePath, Force = true }, SilentReporter.Instance);
        Assert.False(File.Exists(edit.ImagePath));
    }

    [OracleTheory("qemu-img", "qemu-io")]
    [InlineData("write -P 7 1M 512", true)] // before the first volume: only the time of the file tells
    [InlineData("write -P 7 0 512", false)]
    public void A_disk_that_was_written_to_since_is_not_undone(string write, bool canForce)
    {
        using TempFolder folder = new();
        string disk = Make(folder, "disk.raw", "-O raw");
        string original = EditedGuest.Hash(disk);
        Edit(disk);
        DateTime written = File.GetLastWriteTimeUtc(disk);
        byte[] head = File.ReadAllBytes(disk)[..(2 << 20)];
        ForeignTool.RunOk("qemu-io", "-f", "raw", "-c", write, disk);
        string changed = EditedGuest.Hash(disk);

        Assert.Equal("DiskChangedSinceEdit", Assert.Throws<GuestStateException>(() => Undo(disk)).ErrorId);
        Assert.Equal(changed, EditedGuest.Hash(disk));
        File.SetLastWriteTimeUtc(disk, written);
        if (!canForce)
        {
            Assert.Equal("DiskChangedSinceEdit", Assert.Throws<GuestStateException>(() => Undo(disk)).ErrorId);
        }

        using (FileStream stream = File.OpenWrite(disk))
        {
            stream.Write(head);
        }

        GuestUndo.Run(new GuestUndoRequest { ImagePath = disk, Force = true }, SilentReporter.Instance);
        Assert.Equal(original, EditedGuest.Hash(disk));
    }

    [OracleFact("qemu-img", "ntfscp")]
    public void A_volume_that_was_mounted_and_written_since_is_not_undone_even_with_the_old_times()
    {
        using TempFolder folder = new();
        string disk = Make(folder, "disk.raw", "-O raw");
        Edit(disk);
        DateTime written = File.GetLastWriteTimeUtc(disk);
        PartitionInfo windows = Plans.Probe(disk).WindowsPartition;
        string volume = EditedGuest.WindowsVolume(disk, windows, folder.File("volume"));
        File.WriteAllText(folder.File("new.txt"), "written by the guest");
        ForeignTool.RunOk("ntfscp", "-f", volume, folder.File("new.txt"), "new.txt");
        using (FileStream stream = File.OpenWrite(disk))
        {
            stream.Position = windows.Offset;
            stream.Write(File.ReadAllBytes(volume));
        }

        File.SetLastWriteTimeUtc(disk, written);
        string changed = EditedGuest.Hash(disk);

        GuestStateException refused = Assert.Throws<GuestStateException>(() => Undo(disk));

        Assert.Equal("DiskChangedSinceEdit", refused.ErrorId);
        Assert.Equal(changed, EditedGuest.Hash(disk));
    }

    [OracleFact("qemu-img")]
    public void A_damaged_journal_writes_nothing()
    {
        using TempFolder folder = new();
        string disk = Make(folder, "disk.raw", "-O raw");
        GuestEdit edit = Edit(disk);
        byte[] journal = File.ReadAllBytes(edit.UndoPath!);
        string edited = EditedGuest.Hash(disk);
        foreach (int place in (int[])[0, 8, 16, 30, 60, 130, 134, 140, 200, journal.Length / 2, journal.Length - 1])
        {
            byte[] damaged = [.. journal];
            damaged[place] ^= 0x41;
            File.WriteAllBytes(edit.UndoPath!, damaged);
            Assert.ThrowsAny<Hyper2KvmException>(() => Undo(disk));
        }

        foreach (int length in (int[])[0, 10, 135, 136, 300, journal.Length - 1])
        {
            File.WriteAllBytes(edit.UndoPath!, journal[..length]);
            Assert.Equal("UndoJournalDamaged", Assert.Throws<DiskFormatException>(() => Undo(disk)).ErrorId);
        }

        Assert.Equal(edited, EditedGuest.Hash(disk));
    }

    [OracleFact("qemu-img")]
    public void A_journal_of_another_disk_writes_nothing()
    {
        using TempFolder folder = new();
        string disk = Make(folder, "disk.raw", "-O raw");
        string original = EditedGuest.Hash(disk);
        GuestEdit edit = Edit(disk);
        UndoStack stack = new(disk);
        File.Move(edit.UndoPath!, stack.Pending);
        byte[] bytes = File.ReadAllBytes(disk);

        // As after a restore of some other state: the regions hold neither.
        UndoJournal journal = UndoJournal.Read(stack.Pending);
        File.WriteAllBytes(disk, Patched(bytes, journal.Regions[0].Offset));
        Assert.Equal("UndoJournalForeign", Assert.Throws<GuestStateException>(() => Undo(disk)).ErrorId);
        File.WriteAllBytes(disk, bytes[..^512]);
        Assert.Equal("UndoJournalForeign", Assert.Throws<GuestStateException>(() => Undo(disk)).ErrorId);

        // With its own disk it is an interrupted edit, which nobody reads, and which the next edit takes back by itself.
        File.WriteAllBytes(disk, bytes);
        Assert.Equal("EditUnfinished", Assert.Throws<GuestStateException>(() => Plans.Probe(disk)).ErrorId);
        Assert.Equal(1, Undo(disk).Edits);
        Assert.Equal(original, EditedGuest.Hash(disk));
    }

    [Fact]
    public void In_place_there_is_no_destination_and_no_overlay()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        GuestEditRequest request = Plans.Request(Plans.Plan(disk), disk);
        GuestEdit overlay = Plans.Run(request);

        Assert.Equal("DestinationInPlace", Assert.Throws<GuestStateException>(
            () => Plans.Run(request with { InPlace = true, Destination = folder.File("x.qcow2") })).ErrorId);
        Assert.Equal("InPlaceNotSupported", Assert.Throws<UnsupportedFeatureException>(
            () => Plans.Run(request with { InPlace = true, ImagePath = overlay.ImagePath })).ErrorId);
    }

    private static void WriteAnywhere(string disk, Random random)
    {
        DiskImage image = ImageDetector.Open(disk);
        OverlayBlockDevice overlay = new(image);
        for (int i = random.Next(1, 12); i > 0; i--)
        {
            byte[] bytes = new byte[random.Next(1, 9000)];
            random.NextBytes(bytes);
            overlay.Write(random.NextInt64(0, image.Length - bytes.Length), bytes);
        }

        overlay.Freeze();
        using EditLock held = EditLock.Take(image);
        UndoJournal journal = InPlaceCommit.Plan(image, overlay, DateTime.UtcNow)!;
        image.Dispose();
        InPlaceCommit.Write(disk, journal, held);
    }

    private static byte[] Patched(byte[] bytes, long offset)
    {
        byte[] patched = [.. bytes];
        patched[offset] ^= 0xFF;
        patched[offset + 1] ^= 0x55;
        patched[offset + 2] ^= 0xAA;
        return patched;
    }

    private static string Make(TempFolder folder, string name, string options)
    {
        string disk = folder.File(name);
        ForeignTool.RunOk("qemu-img", ["convert", .. options.Split(' '), Fixtures.SampleDisk, disk]);
        return disk;
    }

    private static string Flat(TempFolder folder, string disk, string name)
    {
        string flat = folder.File(name + ".raw");
        ForeignTool.RunOk("qemu-img", "convert", "-O", "raw", disk, flat);
        return flat;
    }

    private static GuestEdit Edit(string disk, bool preview = false) =>
        Plans.Run(Plans.Request(Plans.Plan(disk), disk) with { InPlace = true, Preview = preview });

    private static UndoneEdit Undo(string disk, bool last = false) =>
        GuestUndo.Run(new GuestUndoRequest { ImagePath = disk, Last = last }, SilentReporter.Instance);

    private static Dictionary<string, string> Files(TempFolder folder) => Directory.GetFiles(folder.Path)
        .Where(file => !file.EndsWith("before.raw", StringComparison.Ordinal) && !file.EndsWith("after.raw", StringComparison.Ordinal)
            && !file.EndsWith(".h2kv.jsonl", StringComparison.Ordinal)) // the log of the edits stays
        .ToDictionary(file => Path.GetFileName(file), EditedGuest.Hash);
}
