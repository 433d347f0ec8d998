using System.Security.Cryptography;
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
        foreach (PlannedDriver driver in edit.Plan.Storage)
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
