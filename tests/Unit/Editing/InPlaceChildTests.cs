using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing;
using Hyper2Kvm.Editing.Commit;
using Hyper2Kvm.Images;
using Hyper2Kvm.Unit.Images;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Editing;

/// <summary>Differencing disks of Hyper-V: what a child holds may be written in place, what shows through from its parent may not.</summary>
public class InPlaceChildTests
{
    private const int Sector = 512;

    private static readonly DateTime s_time = new(2026, 1, 2, 3, 4, 6, DateTimeKind.Utc);

    /// <summary>The child holds the odd sectors of the first block of 2 MiB, nothing of the second and all of the third.</summary>
    [OracleFact("qemu-img")]
    public void Sectors_of_a_differencing_vhd()
    {
        using TempFolder folder = new();
        SampleDisk below = new(50, 6 << 20);
        SampleDisk above = new(51, 6 << 20);
        string parent = Made(folder, below, "parent.vhd", "-O vpc -o subformat=dynamic,force_size=on");
        string child = Made(folder, above, "child.vhd", "-O vpc -o subformat=dynamic,force_size=on");
        byte[] expected = VhdImageTests.MakeChild(child, File.ReadAllBytes(parent), "parent.vhd", below.Bytes, above.Bytes);

        Check(folder, child, expected, held: [(1 * Sector, Sector), (511 * Sector, Sector), ((4 << 20) + 100, 9000)], notHeld: [(0, Sector), (Sector, 2 * Sector), (2 << 20, 1)]);
    }

    /// <summary>The child holds the even sectors of the first MiB, nothing of the second and all of the third.</summary>
    [OracleFact("qemu-img")]
    public void Sectors_of_a_differencing_vhdx()
    {
        using TempFolder folder = new();
        SampleDisk below = new(52, 8 << 20);
        SampleDisk above = new(53, 8 << 20);
        string parent = Made(folder, below, "parent.vhdx", "-O vhdx -o subformat=dynamic,block_size=1M");
        string child = Made(folder, above, "child.vhdx", "-O vhdx -o subformat=dynamic,block_size=1M");
        byte[] expected = VhdxImageTests.MakeChild(
            child, new Guid(VhdxImageTests.Header(File.ReadAllBytes(parent)).Slice(32, 16)), "parent.vhdx", below.Bytes, above.Bytes);

        Check(folder, child, expected, held: [(0, Sector), (510 * Sector, Sector), ((2 << 20) + 100, 9000)], notHeld: [(Sector, Sector), (0, 2 * Sector), (1 << 20, 1)]);
    }

    private static void Check(TempFolder folder, string child, byte[] expected, (int Offset, int Length)[] held, (int Offset, int Length)[] notHeld)
    {
        Dictionary<string, string> before = Hashes(folder);
        foreach ((int offset, int length) in notHeld)
        {
            Assert.Equal("InPlaceBlockNotHeld", Assert.Throws<UnsupportedFeatureException>(() => Write(child, expected, [(offset, length)])).ErrorId);
            Assert.Equal("InPlaceBlockNotHeld", Assert.Throws<UnsupportedFeatureException>(() => Write(child, expected, [.. held, (offset, length)])).ErrorId);
            Assert.Equal(before, Hashes(folder));
        }

        byte[] edited = Write(child, expected, held);

        Assert.Equal(["child", "undo"], Hashes(folder).Except(before).Select(file => file.Key.EndsWith(".h2kv-undo", StringComparison.Ordinal) ? "undo" : Path.GetFileNameWithoutExtension(file.Key)).Order());
        using (DiskImage image = ImageDetector.Open(child))
        {
            SampleDisk.AssertHolds(edited, image);
        }

        GuestUndo.Run(new GuestUndoRequest { ImagePath = child }, SilentReporter.Instance);
        Assert.Equal(before, Hashes(folder));
    }

    /// <returns>What the disk is to hold then.</returns>
    private static byte[] Write(string path, byte[] disk, (int Offset, int Length)[] places)
    {
        byte[] edited = [.. disk];
        DiskImage image = ImageDetector.Open(path);
        OverlayBlockDevice overlay = new(image);
        foreach ((int offset, int length) in places)
        {
            for (int i = offset; i < offset + length; i++)
            {
                edited[i] ^= 0xA5;
            }

            overlay.Write(offset, edited.AsSpan(offset, length));
        }

        overlay.Freeze();
        using EditLock held = EditLock.Take(image);
        UndoJournal? journal;
        try
        {
            journal = InPlaceCommit.Plan(image, overlay, s_time);
        }
        finally
        {
            image.Dispose();
        }

        InPlaceCommit.Write(path, journal!, held);
        return edited;
    }

    private static string Made(TempFolder folder, SampleDisk disk, string name, string options)
    {
        string path = folder.File(name);
        ForeignTool.RunOk("qemu-img", ["convert", "-f", "raw", .. options.Split(' '), disk.WriteRaw(folder), path]);
        return path;
    }

    private static Dictionary<string, string> Hashes(TempFolder folder) => Directory.GetFiles(folder.Path)
        .Where(file => !file.EndsWith(".h2kv.jsonl", StringComparison.Ordinal)).ToDictionary(file => Path.GetFileName(file), EditedGuest.Hash);
}
