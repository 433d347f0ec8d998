using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Unit.Images;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Editing;

/// <summary>QEMU takes each kind of VMDK beneath an overlay, or the edit refuses it.</summary>
public class VmdkSourceTests
{
    [OracleFact("qemu-img")]
    public void QEMU_reads_an_edit_above_disks_of_several_files()
    {
        foreach (string kind in new[] { "monolithicFlat", "twoGbMaxExtentSparse" })
        {
            using TempFolder folder = new();
            string disk = Convert(folder, kind);
            Judge(folder, disk);
        }
    }

    [OracleFact("qemu-img")]
    public void QEMU_reads_an_edit_above_a_snapshot()
    {
        using TempFolder folder = new();
        Convert(folder, "twoGbMaxExtentFlat");
        ForeignTool.RunOk("qemu-img", "create", "-f", "vmdk", "-F", "vmdk", "-b", "disk.vmdk", folder.File("child.vmdk"));
        Judge(folder, folder.File("child.vmdk"));
    }

    [OracleFact("qemu-img")]
    public void QEMU_reads_an_edit_above_snapshots_of_ESX()
    {
        using TempFolder folder = new();
        Convert(folder, "monolithicFlat");
        byte[] bytes = File.ReadAllBytes(folder.File("disk-flat.vmdk"));
        string extent = $"RW {bytes.Length / 512}";
        string id = ContentId(folder.File("disk.vmdk"));
        File.WriteAllBytes(folder.File("one-delta.vmdk"), EsxExtents.Cowd(bytes, 1, grain => grain % 50 == 0));
        File.WriteAllBytes(folder.File("two-sesparse.vmdk"), EsxExtents.SeSparse(bytes, grain => grain % 30 == 0 ? 3 : 0));
        File.WriteAllText(
            folder.File("one.vmdk"), EsxExtents.Descriptor("vmfsSparse", $"{extent} VMFSSPARSE \"one-delta.vmdk\"", "2", id, "disk.vmdk"));
        File.WriteAllText(
            folder.File("two.vmdk"), EsxExtents.Descriptor("seSparse", $"{extent} SESPARSE \"two-sesparse.vmdk\"", "3", "2", "one.vmdk"));
        Judge(folder, folder.File("two.vmdk"));
    }

    [OracleFact("qemu-img")]
    public void An_edit_of_a_disk_that_QEMU_reads_otherwise_is_refused()
    {
        foreach (string changed in new[] { "RDONLY", "VMFS", "createType" })
        {
            using TempFolder folder = new();
            string disk = Convert(folder, "monolithicFlat");
            string text = File.ReadAllText(disk);
            File.WriteAllText(disk, changed switch
            {
                "RDONLY" => text.Replace("RW ", "RDONLY ", StringComparison.Ordinal),
                "VMFS" => text.Replace(" FLAT ", " VMFS ", StringComparison.Ordinal),
                _ => text.Replace("createType=\"", "createType = \"", StringComparison.Ordinal),
            });
            GuestStateException error = Assert.Throws<GuestStateException>(() => Plans.Edit(disk));
            Assert.Equal("BackingNotForQemu", error.ErrorId);
            Assert.False(File.Exists(folder.File("disk.kvm.qcow2")));
        }
    }

    private static void Judge(TempFolder folder, string disk)
    {
        GuestEdit edit = Plans.Edit(disk);
        Assert.Contains("No errors were found", ForeignTool.RunOk("qemu-img", "check", edit.ImagePath), StringComparison.Ordinal);
        string info = ForeignTool.RunOk("qemu-img", "info", "--output=json", edit.ImagePath);
        Assert.Contains($"\"backing-filename\": \"{Path.GetFileName(disk)}\"", info, StringComparison.Ordinal);
        Assert.Contains("\"backing-filename-format\": \"vmdk\"", info, StringComparison.Ordinal);
        RealImages.AssertAsQemu(folder, edit.ImagePath);
        Assert.True(Plans.Probe(edit.ImagePath).IsVirtioBootReady);
    }

    private static string Convert(TempFolder folder, string kind)
    {
        string disk = folder.File("disk.vmdk");
        ForeignTool.RunOk("qemu-img", "convert", "-O", "vmdk", "-o", $"subformat={kind}", Fixtures.SampleDisk, disk);
        return disk;
    }

    private static string ContentId(string disk) =>
        File.ReadLines(disk).First(line => line.StartsWith("CID=", StringComparison.Ordinal))[4..];
}
