using Hyper2Kvm.Conversion;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Images;
using Hyper2Kvm.Images.Conversion;
using Hyper2Kvm.Unit.Images;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Conversion;

public class DiskConverterTests
{
    private static readonly ConversionSettings s_zlib = new(ImageFormat.Qcow2, ImageCompression.Zlib);

    [OracleFact("qemu-img")]
    public void Every_kind_of_target_is_the_disk_for_QEMU()
    {
        using TempFolder folder = new();
        string source = new SampleDisk(11, (3 << 20) + 1536).WriteRaw(folder);
        foreach (ConversionSettings settings in Conversions.AllSettings())
        {
            string target = folder.File($"{settings.Format}-{settings.Compression}-{settings.ClusterSize}");
            DiskConversion result = Conversions.Run(source, target, settings);
            Assert.True(result.IsVerified);
            Conversions.AssertSame(source, target, settings.Format == ImageFormat.Raw);
        }

        Assert.Equal(41, Directory.GetFiles(folder.Path).Length);
    }

    [OracleFact("qemu-img")]
    public void Every_kind_of_source_that_QEMU_makes_is_the_disk()
    {
        using TempFolder folder = new();
        string raw = new SampleDisk(12).WriteRaw(folder);
        (string Format, string Options)[] kinds =
        [
            ("qcow2", "cluster_size=4096"), ("qcow2", "compat=0.10"), ("qcow2", "extended_l2=on"), ("qcow2", "preallocation=metadata"),
            ("vmdk", "subformat=monolithicSparse"), ("vmdk", "subformat=monolithicFlat"), ("vmdk", "subformat=twoGbMaxExtentSparse"),
            ("vmdk", "subformat=twoGbMaxExtentFlat"), ("vmdk", "subformat=streamOptimized"), ("vpc", "subformat=dynamic,force_size=on"),
            ("vpc", "subformat=fixed,force_size=on"), ("vhdx", "subformat=dynamic"), ("vhdx", "subformat=fixed"), ("vdi", "static=off"), ("vdi", "static=on"),
        ];
        for (int i = 0; i < kinds.Length; i++)
        {
            string source = folder.File($"source{i}.{kinds[i].Format}");
            ForeignTool.RunOk("qemu-img", "convert", "-f", "raw", "-O", kinds[i].Format, "-o", kinds[i].Options, raw, source);
            Conversions.Run(source, folder.File($"{i}.qcow2"), i % 2 == 0 ? s_zlib : null);
            Conversions.AssertSame(raw, folder.File($"{i}.qcow2"));
        }
    }

    [OracleFact("qemu-img", "qemu-io")]
    public void Chain_of_overlays_becomes_one_image_and_only_what_shows_is_read()
    {
        using TempFolder folder = new();
        new SampleDisk(13).WriteRaw(folder, "base.raw");
        string below = "base.raw";
        Random random = new(13);
        for (int i = 0; i < 5; i++)
        {
            string name = $"layer{i}.qcow2";
            ForeignTool.RunOk(
                "qemu-img", "create", "-f", "qcow2", "-o", $"cluster_size={512 << (i * 2)}", "-F", i == 0 ? "raw" : "qcow2", "-b", below, folder.File(name));
            string[] writes = [.. Enumerable.Range(0, 20).SelectMany(k => (string[])["-c", $"write {(k % 5 == 0 ? "-z" : $"-P {k + 1}")} {random.Next(8000)}k {random.Next(1, 200)}k"])];
            ForeignTool.RunOk("qemu-io", [.. writes, folder.File(name)]);
            below = name;
        }

        DiskConversion result = Conversions.Run(folder.File(below), folder.File("flat.qcow2"), s_zlib);
        Conversions.AssertSame(folder.File(below), folder.File("flat.qcow2"));
        Assert.InRange(result.BytesRead, 1, result.VirtualSize);
        Assert.DoesNotContain("backing", ForeignTool.RunOk("qemu-img", "info", folder.File("flat.qcow2")), StringComparison.Ordinal);
    }

    [DataFact("vmdk/streamOptimized.vmdk.gz", "vhdx/hyperv-dynamic-10M.vhdx.gz", "vhd/hyperv-dynamic-10M.vhd.gz", "qcow2/basic.qcow2.gz", "vmdk/monolithicSparse.vmdk.gz", "other-disk/qemu-basic.vdi.gz")]
    public void Images_that_hypervisors_made_are_the_disk()
    {
        using TempFolder folder = new();
        foreach (string name in (string[])["vmdk/streamOptimized.vmdk", "vmdk/monolithicSparse.vmdk", "vhdx/hyperv-dynamic-10M.vhdx", "vhd/hyperv-dynamic-10M.vhd", "qcow2/basic.qcow2", "other-disk/qemu-basic.vdi"])
        {
            string source = folder.File(Path.GetFileName(name));
            File.WriteAllBytes(source, SharedData.Read(name + ".gz"));
            Conversions.Run(source, source + ".out", s_zlib);
            Conversions.AssertSame(source, source + ".out");
        }
    }

    [OracleFact("qemu-img", "qemu-io")]
    public void Two_TiB_of_nothing_cost_nothing()
    {
        using TempFolder folder = new();
        foreach (string format in (string[])["qcow2", "vmdk", "vhdx", "raw", "vpc"])
        {
            string source = folder.File($"huge.{format}");
            ForeignTool.RunOk("qemu-img", "create", "-f", format, source, format == "vpc" ? "2040G" : "2T");
            ForeignTool.RunOk("qemu-io", "-f", format, "-c", "write -P 1 1T 64k", "-c", "write -P 2 3G 1M", source);
            DiskConversion result = Conversions.Run(source, folder.File($"{format}.qcow2"));
            Assert.InRange(result.BytesRead, (1 << 20) + (64 << 10), 70L << 20);
            Assert.InRange(result.BytesWritten, 1 << 20, 4 << 20);
            if (format is "qcow2" or "raw")
            {
                Conversions.AssertSame(source, folder.File($"{format}.qcow2")); // QEMU walks over the others sector by sector
            }
        }
    }

    [Fact]
    public void Same_disk_gives_the_same_file()
    {
        using TempFolder folder = new();
        string source = new SampleDisk(14).WriteRaw(folder);
        foreach (ImageCompression compression in Enum.GetValues<ImageCompression>())
        {
            ConversionSettings settings = new(ImageFormat.Qcow2, compression, 4096);
            Conversions.Run(source, folder.File($"1{compression}"), settings);
            Conversions.Run(source, folder.File($"2{compression}"), settings);
            Assert.True(File.ReadAllBytes(folder.File($"1{compression}")).AsSpan().SequenceEqual(File.ReadAllBytes(folder.File($"2{compression}"))));
        }
    }

    [Fact]
    public void Cancelled_conversion_leaves_nothing_and_a_failed_one_neither()
    {
        using TempFolder folder = new();
        string source = new SampleDisk(15).WriteRaw(folder);
        using CancellationTokenSource stop = new();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => Conversions.Run(source, folder.File("x.qcow2"), token: stop.Token));
        Assert.Equal([source], Directory.GetFiles(folder.Path));

        string damaged = Damaged(folder);
        Assert.Throws<DiskFormatException>(() => Conversions.Run(damaged, folder.File("x.qcow2")));
        Assert.Equal([damaged, source], Directory.GetFiles(folder.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Wrong_options_and_places_are_refused_by_their_ids()
    {
        using TempFolder folder = new();
        string source = new SampleDisk(16, 65536).WriteRaw(folder);
        Refused("ClusterSizeInvalid", folder.File("a"), new ConversionSettings(ImageFormat.Qcow2, ImageCompression.None, 1000));
        Refused("ClusterSizeInvalid", folder.File("a"), new ConversionSettings(ImageFormat.Qcow2, ImageCompression.None, 4 << 20));
        Refused("CompressionNeedsQcow2", folder.File("a"), new ConversionSettings(ImageFormat.Raw, ImageCompression.Zlib));
        Refused("DestinationIsSource", source, new ConversionSettings(ImageFormat.Qcow2));
        Refused("DestinationExists", Existing("there"), new ConversionSettings(ImageFormat.Qcow2));
        Existing("b.h2kv-partial");
        Refused("PartialFileForeign", folder.File("b"), new ConversionSettings(ImageFormat.Qcow2));
        Assert.Equal("DestinationFolderNotFound", Assert.Throws<GuestItemNotFoundException>(() => Conversions.Run(source, folder.File("no/b"))).ErrorId);

        void Refused(string id, string target, ConversionSettings settings) =>
            Assert.Equal(id, Assert.Throws<GuestStateException>(() => Conversions.Run(source, target, settings)).ErrorId);

        string Existing(string name)
        {
            File.WriteAllText(folder.File(name), "mine");
            return folder.File(name);
        }
    }

    /// <summary>A compressed cluster in the middle is not deflate any more.</summary>
    private static string Damaged(TempFolder folder)
    {
        string path = folder.File("damaged.qcow2");
        byte[] text = new byte[8 << 20];
        for (int i = 0; i < text.Length; i++)
        {
            text[i] = (byte)((i % 251 * (i >> 12)) & 0xFF);
        }

        File.WriteAllBytes(folder.File("text.raw"), text);
        Conversions.Run(folder.File("text.raw"), path, s_zlib, verify: false);
        File.Delete(folder.File("text.raw"));
        using FileStream file = new(path, FileMode.Open);
        file.Position = file.Length / 2;
        file.Write(Enumerable.Repeat((byte)0xFF, 20000).ToArray());
        return path;
    }
}
