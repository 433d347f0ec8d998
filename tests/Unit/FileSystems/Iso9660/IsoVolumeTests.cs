using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.FileSystems.Iso9660;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.FileSystems.Iso9660;

public class IsoVolumeTests
{
    [DataFact("iso/joliet.iso.gz")]
    public void Joliet_names_are_preferred()
    {
        IsoVolume volume = OpenData("iso/joliet.iso.gz");

        Assert.Equal("ISO 9660 with Joliet", volume.Kind);
        Assert.Equal("K3b data project", volume.Label);
        SortedDictionary<string, byte[]?> tree = Tree.Read(volume);
        Assert.Equal(
            ["/libcdio", "/libcdio/COPYING", "/libcdio/README", "/libcdio/README.libcdio", "/libcdio/test", "/libcdio/test/isofs-m1.cue"],
            tree.Keys);
        Assert.Equal(2849, tree["/libcdio/README.libcdio"]!.Length);
        Assert.Equal(74, volume.Find("\\LIBCDIO\\test\\ISOFS-M1.CUE")!.Length);
    }

    [DataFact("iso/copying.iso.gz", "iso/iso9660.raw.gz", "iso/copying-rr.iso.gz", "iso/test-udf1.iso.gz")]
    public void Plain_names_lose_version_and_closing_dot()
    {
        Assert.Equal(["/COPYING"], Tree.Read(OpenData("iso/copying.iso.gz")).Keys);
        Assert.Equal(
            ["/A_DIRECTORY", "/A_DIRECTORY/ANOTHER_FILE", "/A_DIRECTORY/A_FILE", "/LOST_FOUND", "/PASSWORDS.TXT"],
            Tree.Read(OpenData("iso/iso9660.raw.gz")).Keys);
        Assert.Contains("/COPYING", Tree.Read(OpenData("iso/copying-rr.iso.gz")).Keys);
        Assert.Equal(["/COPYING", "/README"], Tree.Read(OpenData("iso/test-udf1.iso.gz")).Keys);
    }

    [DataFact("iso/multi_extent_8k.iso.gz")]
    public void File_of_many_extents_is_one_file()
    {
        IsoVolume volume = OpenData("iso/multi_extent_8k.iso.gz");

        GuestEntry entry = Assert.Single(volume.List(GuestPath.Root));
        Assert.Equal(54305, entry.Length);
        using TempFolder folder = new();
        File.WriteAllBytes(folder.File("m.iso"), SharedData.Read("iso/multi_extent_8k.iso.gz"));
        if (ForeignTool.Find("xorriso") is not null)
        {
            ForeignTool.RunOk("xorriso", "-osirrox", "on", "-indev", folder.File("m.iso"), "-extract", "/multi_extent_file", folder.File("out"));
            Assert.Equal(File.ReadAllBytes(folder.File("out")), Tree.Read(volume).Values.Single());
        }

        byte[] middle = new byte[10_000];
        volume.OpenFile("\\" + entry.Name).Read(4000, middle);
        Assert.Equal(Tree.Read(volume).Values.Single()![4000..14_000], middle);
    }

    [DataFact("iso/malformed.iso")]
    public void Malformed_image_gives_a_named_error()
    {
        DiskFormatException error = Assert.Throws<DiskFormatException>(() => Tree.Read(OpenData("iso/malformed.iso")));
        Assert.StartsWith("Iso", error.ErrorId, StringComparison.Ordinal);
    }

    [DataFact("iso/test-udf1.iso.gz")]
    public void Udf_without_iso_is_refused_by_name()
    {
        byte[] bytes = SharedData.Read("iso/test-udf1.iso.gz");
        bytes.AsSpan(19 * 2048, 3 * 2048).CopyTo(bytes.AsSpan(16 * 2048));
        Assert.True(IsoVolume.IsIso(new MemoryBlockDevice(bytes)));
        Assert.Equal("UdfNotSupported", Assert.Throws<UnsupportedFeatureException>(() => IsoVolume.Open(new MemoryBlockDevice(bytes))).ErrorId);
    }

    [OracleFact("xorriso")]
    public void Image_without_joliet_reads_in_plain_names()
    {
        using TempFolder folder = new();
        string source = MakeFolder(folder, joliet: false);
        ForeignTool.RunOk("xorriso", "-as", "mkisofs", "-iso-level", "3", "-V", "VIRTIO", "-o", folder.File("x.iso"), source);
        using FileBlockDevice device = new(folder.File("x.iso"));

        SortedDictionary<string, byte[]?> expected = new(StringComparer.Ordinal);
        foreach ((string name, byte[]? content) in Tree.ReadFolder(source))
        {
            expected.Add(name.ToUpperInvariant(), content);
        }

        Assert.Equal(expected, Tree.Read(IsoVolume.Open(device)));
        Assert.True(IsoVolume.IsIso(device));
        Assert.Equal("ISO 9660", IsoVolume.Open(device).Kind);
    }

    [OracleFact("xorriso")]
    public void Names_that_could_leave_the_image_are_refused()
    {
        byte[] bytes = MakeSmall();
        foreach (string name in new[] { "..", "a/", "a\\", "a:", "a\u0001" })
        {
            byte[] copy = [.. bytes];
            int at = copy.AsSpan().IndexOf("\0w\01"u8);
            System.Text.Encoding.BigEndianUnicode.GetBytes(name).CopyTo(copy, at);
            DiskFormatException error = Assert.Throws<DiskFormatException>(() => Tree.Read(IsoVolume.Open(new MemoryBlockDevice(copy))));
            Assert.Equal("IsoNameInvalid", error.ErrorId);
        }
    }

    [OracleFact("xorriso")]
    public void Directory_that_contains_itself_is_named()
    {
        byte[] bytes = MakeSmall();
        int name = bytes.AsSpan().IndexOf("\0w\01"u8);
        int root = (17 * 2048) + 156;
        bytes.AsSpan(root + 2, 16).CopyTo(bytes.AsSpan(name - 33 + 2));
        IsoVolume volume = IsoVolume.Open(new MemoryBlockDevice(bytes));
        Assert.Equal("IsoDirectoryDamaged", Assert.Throws<DiskFormatException>(() => volume.Find("\\w1\\w1\\w1")).ErrorId);
    }

    [OracleFact("xorriso")]
    public void Interleaved_file_is_refused_by_name()
    {
        byte[] bytes = MakeSmall();
        int name = bytes.AsSpan().IndexOf("\0f\0."u8);
        bytes[name - 33 + 27] = 1;
        IsoVolume volume = IsoVolume.Open(new MemoryBlockDevice(bytes));
        Assert.Equal("IsoInterleaved", Assert.Throws<UnsupportedFeatureException>(() => volume.OpenFile("\\w1\\f.inf")).ErrorId);
    }

    [OracleFact("xorriso")]
    public void Every_flipped_byte_and_every_truncation_gives_a_named_error_or_a_tree()
    {
        byte[] bytes = MakeSmall();
        for (int i = 16 * 2048; i < bytes.Length; i += i % 2048 < 256 ? 1 : 97)
        {
            foreach (byte mask in new byte[] { 0x01, 0xFF })
            {
                bytes[i] ^= mask;
                Tree.ReadDamaged(() => IsoVolume.Open(new MemoryBlockDevice(bytes)));
                bytes[i] ^= mask;
            }
        }

        for (int length = 0; length < bytes.Length; length += 501)
        {
            Tree.ReadDamaged(() => IsoVolume.Open(new MemoryBlockDevice(bytes[..length])));
        }
    }

    [OracleFact("xorriso")]
    public void Image_with_joliet_reads_as_it_was_filled()
    {
        using TempFolder folder = new();
        string source = MakeFolder(folder, joliet: true);
        ForeignTool.RunOk("xorriso", "-as", "mkisofs", "-J", "-joliet-long", "-R", "-V", "virtio-win-0.1", "-o", folder.File("x.iso"), source);
        using FileBlockDevice device = new(folder.File("x.iso"));

        IsoVolume volume = IsoVolume.Open(device);
        Assert.Equal(Tree.ReadFolder(source), Tree.Read(volume));
        Assert.Equal("virtio-win-0.1", volume.Label);
        Assert.Null(volume.Find("\\NetKVM\\w1"));
        Assert.Null(volume.Find("\\NetKVM\\w111"));
        Assert.Null(volume.Find("\\NetKVM\\netkvm.inf\\x"));
        Assert.Equal("GuestPathNotFound", Assert.Throws<GuestItemNotFoundException>(() => volume.OpenFile("\\NetKVM\\w11")).ErrorId);
    }

    private static string MakeFolder(TempFolder folder, bool joliet)
    {
        string source = Directory.CreateDirectory(folder.File("tree")).FullName;
        Random random = new(3);
        foreach (string name in (string[])["NetKVM/w11/amd64/netkvm.sys", "NetKVM/w10/amd64/netkvm.sys", "NetKVM/netkvm.inf", "w11", "a/b/c/d/e/f/g.txt",
            .. joliet ? (string[])["guest-agent/qemu-ga-x86_64.msi", "viostor/2k12R2/a long name, with (marks) and dots.v1.2.inf", "x/y/z/1/2/3/4/5/6/7/8/9.txt", "données/名.txt"] : []])
        {
            byte[] content = new byte[random.Next(5000)];
            random.NextBytes(content);
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(source, name))!);
            File.WriteAllBytes(Path.Combine(source, name), content);
        }

        for (int i = 0; i < 120; i++)
        {
            File.WriteAllBytes(Path.Combine(source, "NetKVM", $"f{i}.cat"), [(byte)i]);
        }

        return source;
    }

    private static byte[] MakeSmall()
    {
        using TempFolder folder = new();
        string source = Directory.CreateDirectory(folder.File("tree")).FullName;
        Directory.CreateDirectory(Path.Combine(source, "w1"));
        File.WriteAllText(Path.Combine(source, "w1", "f.inf"), "[Version]");
        ForeignTool.RunOk("xorriso", "-as", "mkisofs", "-J", "-no-pad", "-o", folder.File("x.iso"), source);
        return File.ReadAllBytes(folder.File("x.iso"));
    }

    private static IsoVolume OpenData(string file) => IsoVolume.Open(new MemoryBlockDevice(SharedData.Read(file)));
}
