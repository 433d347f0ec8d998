using System.Security.Cryptography;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Scenarios;

/// <summary>The sample guest in each kind of image: QEMU sees the edit through the overlay and can write on.</summary>
public class ImageKindTests
{
    private const long Mebibyte = 1 << 20;

    /// <summary>A place that no partition of the sample uses.</summary>
    private const string FreePlace = "119M";

    [OracleFact("qemu-img", "qemu-io", "ntfscat", "hivexget")]
    public void Raw() => Edit("raw");

    [OracleFact("qemu-img", "qemu-io", "ntfscat", "hivexget")]
    public void Qcow2_version_2() => Edit("qcow2", "-o", "compat=0.10");

    [OracleFact("qemu-img", "qemu-io", "ntfscat", "hivexget")]
    public void Qcow2_version_3_with_small_clusters() => Edit("qcow2", "-o", "compat=1.1,cluster_size=4096,lazy_refcounts=on");

    [OracleFact("qemu-img", "qemu-io", "ntfscat", "hivexget")]
    public void Qcow2_compressed_with_zstd() => Edit("qcow2", "-c", "-o", "compression_type=zstd");

    [OracleFact("qemu-img", "qemu-io", "ntfscat", "hivexget")]
    public void Vmdk_sparse() => Edit("vmdk", "-o", "subformat=monolithicSparse");

    [OracleFact("qemu-img", "qemu-io", "ntfscat", "hivexget")]
    public void Vmdk_stream_optimized() => Edit("vmdk", "-o", "subformat=streamOptimized");

    [OracleFact("qemu-img", "qemu-io", "ntfscat", "hivexget")]
    public void Vhd_dynamic() => Edit("vpc", "-o", "force_size=on");

    [OracleFact("qemu-img", "qemu-io", "ntfscat", "hivexget")]
    public void Vhd_fixed() => Edit("vpc", "-o", "force_size=on,subformat=fixed");

    [OracleFact("qemu-img", "qemu-io", "ntfscat", "hivexget")]
    public void Vhdx_dynamic() => Edit("vhdx");

    [OracleFact("qemu-img", "qemu-io", "ntfscat", "hivexget")]
    public void Vhdx_fixed() => Edit("vhdx", "-o", "subformat=fixed");

    [OracleFact("qemu-img", "qemu-io", "ntfscat", "hivexget")]
    public void Vdi_dynamic() => Edit("vdi");

    [OracleFact("qemu-img", "qemu-io", "ntfscat", "hivexget")]
    public void Vdi_fixed() => Edit("vdi", "-o", "static=on");

    /// <summary>Virtual PC and VirtualBox: QEMU sees whole cylinders only, and zeros where the backup GPT is.</summary>
    [OracleFact("qemu-img")]
    public void Vhd_whose_end_qemu_does_not_see_has_its_end_in_the_overlay()
    {
        using TempFolder folder = new();
        string disk = Convert(folder, "vpc", "-o", "force_size=on,subformat=fixed");
        byte[] bytes = File.ReadAllBytes(disk);
        byte[] content = bytes[..^512];
        "vbox"u8.CopyTo(bytes.AsSpan(bytes.Length - 512 + 28));
        int cylinders = (content.Length / (4 * 17 * 512)) - 1;
        byte[] geometry = [(byte)(cylinders >> 8), (byte)(cylinders & 0xFF), 4, 17];
        geometry.CopyTo(bytes, bytes.Length - 512 + 56);
        bytes.AsSpan(bytes.Length - 512 + 64, 4).Clear();
        uint sum = 0;
        foreach (byte value in bytes.AsSpan(bytes.Length - 512))
        {
            sum += value;
        }

        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(bytes.Length - 512 + 64), ~sum);
        File.WriteAllBytes(disk, bytes);
        Assert.True(Flatten(disk, "vpc", folder.File("before.raw")).Length < content.Length);

        GuestEdit edit = Plans.Edit(disk);
        byte[] after = Flatten(edit.ImagePath, "qcow2", folder.File("after.raw"));
        Assert.Equal(content.Length, after.Length);
        Assert.True(content.AsSpan()[^512..].ContainsAnyExcept((byte)0), "the sample has no backup GPT");
        PartitionInfo windows = edit.Layout.WindowsPartition;
        Assert.True(content.AsSpan((int)(windows.Offset + windows.Size)).SequenceEqual(after.AsSpan((int)(windows.Offset + windows.Size))));
        Plans.Edit(edit.ImagePath);
        Assert.Equal(after, Flatten(edit.ImagePath, "qcow2", folder.File("again.raw")));
    }

    [OracleFact("qemu-img")]
    public void Vhdx_that_qemu_does_not_read_is_not_edited()
    {
        using TempFolder folder = new();
        string disk = Convert(folder, "vhdx");
        VirtioDriverPlan plan = Plans.Plan(disk);
        byte[] bytes = File.ReadAllBytes(disk);
        int region = bytes.AsSpan().IndexOf("metadata"u8);
        int entry = region + bytes.AsSpan(region).IndexOf(new Guid("8141BF1D-A96F-4709-BA47-F233A8FAAB5F").ToByteArray());
        bytes[region + BitConverter.ToInt32(bytes, entry + 16) + 1] = 0x10; // sectors of 4096 bytes
        File.WriteAllBytes(disk, bytes);

        GuestStateException error = Assert.Throws<GuestStateException>(() => Plans.Run(Plans.Request(plan, disk)));

        Assert.Equal("BackingNotForQemu", error.ErrorId);
        Assert.Contains("sectors of 4096 bytes", error.Message, StringComparison.Ordinal);
        Assert.Contains("Convert-DiskImage", error.Remedy, StringComparison.Ordinal);
        Assert.Equal([disk], Directory.GetFiles(folder.Path));
    }

    [OracleFact("qemu-img", "qemu-io", "ntfscat", "hivexget")]
    public void Qcow2_on_a_backing_chain()
    {
        using TempFolder folder = new();
        string vmdk = Convert(folder, "vmdk", "-o", "subformat=monolithicSparse");
        string middle = folder.File("middle.qcow2");
        string top = folder.File("top.qcow2");
        ForeignTool.RunOk("qemu-img", "create", "-q", "-f", "qcow2", "-b", Path.GetFileName(vmdk), "-F", "vmdk", middle);
        ForeignTool.RunOk("qemu-io", "-f", "qcow2", "-c", $"write -P 0x11 {FreePlace} 64k", middle);
        ForeignTool.RunOk("qemu-img", "create", "-q", "-f", "qcow2", "-b", "middle.qcow2", "-F", "qcow2", top);
        ForeignTool.RunOk("qemu-io", "-f", "qcow2", "-c", $"write -P 0x22 {FreePlace} 4k", top);

        Judge(folder, top, "qcow2", vmdk, middle);
    }

    private static void Edit(string format, params string[] options)
    {
        using TempFolder folder = new();
        Judge(folder, Convert(folder, format, options), format);
    }

    private static string Convert(TempFolder folder, string format, params string[] options)
    {
        string disk = folder.File($"guest.{format}");
        ForeignTool.RunOk("qemu-img", ["convert", "-O", format, .. options, Fixtures.SampleDisk, disk]);
        return disk;
    }

    private static void Judge(TempFolder folder, string disk, string format, params string[] below)
    {
        string[] sources = [disk, .. below];
        string[] hashes = [.. sources.Select(EditedGuest.Hash)];
        byte[] before = Flatten(disk, format, folder.File("before.raw"));

        GuestEdit edit = Plans.Edit(disk);

        ForeignTool.RunOk("qemu-img", "check", edit.ImagePath);
        string flat = folder.File("after.raw");
        byte[] after = Flatten(edit.ImagePath, "qcow2", flat);
        PartitionInfo windows = edit.Layout.WindowsPartition;
        Assert.True(before.AsSpan(0, (int)windows.Offset).SequenceEqual(after.AsSpan(0, (int)windows.Offset)), "before the partition");
        int end = (int)(windows.Offset + windows.Size);
        Assert.True(before.AsSpan(end).SequenceEqual(after.AsSpan(end)), "behind the partition");
        TheEditIsVisible(folder, edit, EditedGuest.WindowsVolume(flat, windows, folder.File("volume")));
        QemuCanWriteTo(edit.ImagePath, windows.Offset + (60 * Mebibyte));
        Assert.Equal(hashes, sources.Select(EditedGuest.Hash));
    }

    private static void TheEditIsVisible(TempFolder folder, GuestEdit edit, string volume)
    {
        foreach (PlannedDriver driver in edit.Plan!.Storage)
        {
            PlannedFile binary = driver.Files.Single(file => file.Name == driver.Service.BinaryName);
            byte[] content = ForeignTool.Bytes("ntfscat", volume, $"/Windows/System32/drivers/{binary.Name}");
            Assert.Equal(binary.Sha256, System.Convert.ToHexStringLower(SHA256.HashData(content)));
            File.WriteAllBytes(folder.File("SYSTEM"), ForeignTool.Bytes("ntfscat", volume, "/Windows/System32/config/SYSTEM"));
            Assert.Equal(
                "0",
                ForeignTool.RunOk("hivexget", folder.File("SYSTEM"), $@"ControlSet001\Services\{driver.Service.Name}", "Start").Trim());
        }
    }

    /// <summary>What a guest does that boots from it: write where the edit wrote, and where only the source has data.</summary>
    private static void QemuCanWriteTo(string overlay, long place)
    {
        foreach (string where in (string[])[FreePlace, place.ToString(System.Globalization.CultureInfo.InvariantCulture)])
        {
            ForeignTool.RunOk("qemu-io", "-f", "qcow2", "-c", $"write -P 0x5a {where} 12k", overlay);
            Assert.DoesNotContain(
                "failed", ForeignTool.RunOk("qemu-io", "-f", "qcow2", "-c", $"read -P 0x5a {where} 12k", overlay), StringComparison.Ordinal);
        }

        ForeignTool.RunOk("qemu-img", "check", overlay);
    }

    private static byte[] Flatten(string image, string format, string target)
    {
        ForeignTool.RunOk("qemu-img", "convert", "-f", format, "-O", "raw", image, target);
        return File.ReadAllBytes(target);
    }
}
