using System.Buffers.Binary;
using System.Text;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Images;
using Hyper2Kvm.Images.Ova;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Images;

/// <summary>Disks inside tar archives that tar made, and archives that no tar makes.</summary>
public class OvaTests
{
    private const int Size = 300 * 1024;

    [OracleFact("tar", "qemu-img")]
    public void A_disk_of_every_kind_of_tar_is_what_the_disk_itself_is()
    {
        using TempFolder folder = new();
        SampleDisk disk = new(31, Size);
        string raw = disk.WriteRaw(folder);
        ForeignTool.RunOk("qemu-img", "convert", "-f", "raw", "-O", "vmdk", "-o", "subformat=streamOptimized", raw, folder.File("disk1.vmdk"));
        File.WriteAllText(folder.File("web01.ovf"), "<Envelope/>");
        string deep = $"{new string('d', 60)}/{new string('e', 60)}";
        Directory.CreateDirectory(folder.File(deep));
        File.Copy(folder.File("disk1.vmdk"), folder.File($"{deep}/größe.vmdk"));
        foreach (string format in new[] { "ustar", "gnu", "pax", "oldgnu", "v7" })
        {
            string ova = folder.File($"{format}.ova");
            ForeignTool.RunOk("tar", $"--format={format}", "-C", folder.Path, "-cf", ova, "./web01.ovf", "disk1.vmdk");
            AssertSame(ova, disk.Bytes);
            AssertSame(Path.Combine(ova, "disk1.vmdk"), disk.Bytes);
            if (format is not ("oldgnu" or "v7"))
            {
                string several = folder.File($"{format}2.ova");
                ForeignTool.RunOk("tar", $"--format={format}", "-C", folder.Path, "-cf", several, "web01.ovf", "disk1.vmdk", $"{deep}/größe.vmdk");
                AssertSame(Path.Combine(several, deep, "größe.vmdk"), disk.Bytes);
                Assert.Equal("OvaSeveralDisks", Assert.Throws<GuestStateException>(() => ImageDetector.Open(several)).ErrorId);
            }
        }
    }

    /// <summary>The file's holes cost nothing; tar lists it without reading them.</summary>
    [OracleFact("tar")]
    public void A_member_of_more_than_8_GiB()
    {
        using TempFolder folder = new();
        string ova = folder.File("big.ova");
        const long Member = 9L << 30;
        using (FileStream file = new(ova, FileMode.CreateNew))
        {
            file.Write(Header("big.raw", Member));
            file.Position = 512 + Member;
            file.Write(Header("small.ovf", 3));
            file.Write(new byte[512 + 1024]);
        }

        string listed = ForeignTool.RunOk("tar", "-tvf", ova);
        Assert.Contains($"{Member}", listed, StringComparison.Ordinal);
        using DiskImage image = ImageDetector.Open(ova);
        Assert.Equal(Member, image.Length);
        Assert.Equal(ova, image.Path);
        byte[] last = new byte[512];
        image.Read(Member - 512, last);
        Assert.All(last, value => Assert.Equal(0, value));
    }

    [Fact]
    public void A_size_in_a_pax_header_counts_and_not_the_one_after_it()
    {
        using TempFolder folder = new();
        byte[] disk = new SampleDisk(32, 4096).Bytes;
        byte[] pax = Pax("size=4096");
        Write(folder.File("pax.ova"), Header("./PaxHeaders/disk.raw", pax.Length, 'x'), Padded(pax), Header("disk.raw", 0), disk);
        AssertSame(folder.File("pax.ova"), disk);
    }

    [Theory]
    [InlineData("../disk.raw", "OvaMemberNameInvalid")]
    [InlineData("/disk.raw", "OvaMemberNameInvalid")]
    [InlineData("a/../../disk.raw", "OvaMemberNameInvalid")]
    [InlineData("a\\disk.raw", "OvaMemberNameInvalid")]
    [InlineData("C:disk.raw", "OvaMemberNameInvalid")]
    public void Names_that_lead_out(string name, string errorId)
    {
        using TempFolder folder = new();
        Write(folder.File("x.ova"), Header(name, 512), new byte[512]);
        Assert.Equal(errorId, Refusal(folder.File("x.ova")));
    }

    [Fact]
    public void What_cannot_be_read_is_refused_by_name()
    {
        using TempFolder folder = new();
        string ova = folder.File("x.ova");
        Write(ova, Header("disk.vmdk.gz", 512), [0x1F, 0x8B, 8, .. new byte[509]]);
        Assert.Equal("OvaMemberCompressed", Refusal(ova));
        Write(ova, Header("disk.raw", 512), new byte[512], Header("disk.raw", 512), new byte[512]);
        Assert.Equal("OvaDamaged", Refusal(ova));
        Write(ova, Header("disk.raw", 1024), new byte[512]);
        File.WriteAllBytes(ova, File.ReadAllBytes(ova)[..1024]);
        Assert.Equal("OvaTruncated", Refusal(ova));
        Write(ova, Header("disk.raw", 512, 'S'), new byte[512]);
        Assert.Equal("OvaSparseMember", Refusal(ova));
        Write(ova, Header("readme.txt", 512), new byte[512]);
        Assert.Equal("OvaMemberNotFound", Refusal(ova));
        Assert.Equal("OvaMemberNotFound", Refusal(Path.Combine(ova, "disk.raw")));
        byte[] inner = File.ReadAllBytes(ova);
        Write(ova, Header("inner.ova", inner.Length), inner);
        Assert.Equal("OvaInChain", Refusal(ova));
    }

    [OracleFact("qemu-img")]
    public void A_disk_that_stands_on_a_file_outside_is_refused()
    {
        using TempFolder folder = new();
        string raw = new SampleDisk(33, Size).WriteRaw(folder);
        ForeignTool.RunOk("qemu-img", "create", "-q", "-f", "qcow2", "-b", raw, "-F", "raw", folder.File("top.qcow2"));
        byte[] top = File.ReadAllBytes(folder.File("top.qcow2"));
        Write(folder.File("x.ova"), Header("top.qcow2", top.Length), Padded(top));
        Assert.Equal("OvaInChain", Refusal(folder.File("x.ova")));
    }

    /// <summary>Why an edit is refused: the overlay works, but only while QEMU runs in the archive's folder.</summary>
    [OracleFact("qemu-img", "tar")]
    public void Qemu_finds_an_archive_beneath_an_overlay_from_its_own_folder_only()
    {
        using TempFolder folder = new();
        string raw = new SampleDisk(34, Size).WriteRaw(folder);
        ForeignTool.RunOk("qemu-img", "convert", "-f", "raw", "-O", "vmdk", "-o", "subformat=streamOptimized", raw, folder.File("disk1.vmdk"));
        ForeignTool.RunOk("tar", "-C", folder.Path, "-cf", folder.File("x.ova"), "disk1.vmdk");
        BlockRange range = OvaFile.TryOpen(folder.File("x.ova"))!.Find("disk1.vmdk")!.Range;
        string Name(string file) =>
            $"json:{{\"driver\":\"vmdk\",\"file\":{{\"driver\":\"raw\",\"offset\":{range.Offset},\"size\":{range.Length},\"file\":{{\"driver\":\"file\",\"filename\":\"{file}\"}}}}}}";
        ForeignTool.RunOk("qemu-img", "create", "-q", "-f", "qcow2", "-b", Name(folder.File("x.ova")), "-F", "vmdk", folder.File("absolute.qcow2"));
        ForeignTool.RunOk("qemu-img", "compare", "-f", "qcow2", "-F", "raw", folder.File("absolute.qcow2"), raw);
        ForeignTool.RunOk("qemu-img", "create", "-q", "-u", "-f", "qcow2", "-b", Name("x.ova"), "-F", "vmdk", folder.File("relative.qcow2"), $"{Size}");
        Assert.NotEqual(0, ForeignTool.Run("qemu-img", "compare", "-f", "qcow2", "-F", "raw", folder.File("relative.qcow2"), raw).ExitCode);

        using DiskImage image = ImageDetector.Open(folder.File("x.ova"));
        Assert.NotNull(image.QemuObstacle);
        Assert.Equal([folder.File("x.ova")], image.Files);
    }

    [Fact]
    public void Headers_with_random_bytes_and_cut_archives_are_typed_errors_or_right_data()
    {
        using TempFolder folder = new();
        byte[] disk = new SampleDisk(35, 8192).Bytes;
        byte[] pax = Pax("path=disk.raw");
        string ova = folder.File("x.ova");
        Write(ova, Header("web01.ovf", 11), Padded("<Envelope/>"u8.ToArray()), Header("p", pax.Length, 'x'), Padded(pax), Header("q", disk.Length), disk);
        byte[] whole = File.ReadAllBytes(ova);
        int[] headers = [0, 1024, 1536, 2048];
        Random random = new(36);
        for (int i = 0; i < 3000; i++)
        {
            byte[] damaged = [.. whole];
            int header = headers[random.Next(headers.Length)];
            // One changed byte is seen by the checksum, so the data is right; with a new checksum nothing is but the bounds.
            bool isSummed = i % 2 == 0;
            for (int n = isSummed ? random.Next(1, 4) : 1; n > 0; n--)
            {
                damaged[header + random.Next(512)] = (byte)random.Next(256);
            }

            if (isSummed)
            {
                Sum(damaged.AsSpan(header, 512));
            }

            int length = i % 5 == 0 ? random.Next(damaged.Length) : damaged.Length;
            File.WriteAllBytes(ova, damaged[..length]);
            AssertTypedOrRight(ova, isSummed ? null : disk);
        }
    }

    [OracleFact("sha256sum", "sha1sum", "sha512sum", "tar")]
    public void Hashes_of_a_manifest_in_every_spelling()
    {
        using TempFolder folder = new();
        File.WriteAllBytes(folder.File("web01-disk1.vmdk"), new SampleDisk(37, Size).Bytes);
        File.WriteAllText(folder.File("web01.ovf"), "<Envelope/>");
        foreach ((string tool, string before, string between) in new[]
        {
            ("sha256sum", "SHA256(", ")= "), ("sha256sum", "SHA2-256(", ")= "), ("sha1sum", "SHA1 (", ") = "), ("sha512sum", "SHA512(", ")="),
        })
        {
            string Line(string name) => $"{before}{name}{between}{ForeignTool.RunOk(tool, folder.File(name)).Split(' ')[0]}\r\n";
            File.WriteAllText(folder.File("web01.mf"), Line("web01.ovf") + Line("web01-disk1.vmdk"));
            BundleManifest.Verify(folder.File("web01.ovf"), SilentReporter.Instance, CancellationToken.None);
            ForeignTool.RunOk("tar", "-C", folder.Path, "-cf", folder.File("web01.ova"), "web01.ovf", "web01.mf", "web01-disk1.vmdk");
            BundleManifest.Verify(folder.File("web01.ova"), SilentReporter.Instance, CancellationToken.None);
        }

        Assert.Equal("ManifestMismatch", ManifestError(folder, File.ReadAllText(folder.File("web01.mf")).Replace("(web01.ovf)", "(web01.mf)", StringComparison.Ordinal)));
        Assert.Equal("ManifestFileMissing", ManifestError(folder, $"SHA1(../web01.ovf)= {new string('0', 40)}\n"));
        Assert.Equal("ManifestDamaged", ManifestError(folder, $"SHA1(web01.ovf)= {new string('0', 39)}\n"));
        Assert.Equal("ManifestDamaged", ManifestError(folder, ""));
        Assert.Equal("ManifestHashNotSupported", ManifestError(folder, $"MD5(web01.ovf)= {new string('0', 32)}\n"));
    }

    private static string ManifestError(TempFolder folder, string text)
    {
        File.WriteAllText(folder.File("web01.mf"), text);
        return Assert.ThrowsAny<Hyper2KvmException>(
            () => BundleManifest.Verify(folder.File("web01.ovf"), SilentReporter.Instance, CancellationToken.None)).ErrorId;
    }

    private static string Refusal(string path) => Assert.ThrowsAny<Hyper2KvmException>(() => ImageDetector.Open(path).Dispose()).ErrorId;

    private static void AssertSame(string path, byte[] expected)
    {
        using DiskImage image = ImageDetector.Open(path);
        byte[] found = new byte[image.Length];
        image.Read(0, found);
        Assert.Equal(expected, found);
    }

    private static void AssertTypedOrRight(string path, byte[]? expected)
    {
        try
        {
            using DiskImage image = ImageDetector.Open(path);
            byte[] found = new byte[image.Length];
            image.Read(0, found);
            Assert.Equal(expected ?? found, found);
        }
        catch (Hyper2KvmException)
        {
        }
    }

    private static byte[] Header(string name, long size, char type = '0')
    {
        byte[] header = new byte[512];
        Encoding.UTF8.GetBytes(name).CopyTo(header, 0);
        "0000644\0"u8.CopyTo(header.AsSpan(100));
        if (size < 1L << 33)
        {
            Encoding.ASCII.GetBytes(Convert.ToString(size, 8).PadLeft(11, '0')).CopyTo(header, 124);
        }
        else
        {
            header[124] = 0x80;
            BinaryPrimitives.WriteInt64BigEndian(header.AsSpan(128), size);
        }

        header[156] = (byte)type;
        "ustar\000"u8.CopyTo(header.AsSpan(257));
        Sum(header);
        return header;
    }

    private static void Sum(Span<byte> header)
    {
        header.Slice(148, 8).Fill((byte)' ');
        int sum = 0;
        foreach (byte value in header)
        {
            sum += value;
        }

        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(header[148..]);
    }

    private static byte[] Pax(string record)
    {
        int length = record.Length + 4;
        return Encoding.UTF8.GetBytes($"{length} {record}\n");
    }

    private static byte[] Padded(byte[] bytes) => [.. bytes, .. new byte[(512 - (bytes.Length % 512)) % 512]];

    private static void Write(string path, params byte[][] parts) =>
        File.WriteAllBytes(path, [.. parts.SelectMany(part => part), .. new byte[1024]]);
}
