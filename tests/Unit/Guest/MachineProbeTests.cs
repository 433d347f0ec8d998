using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Images;
using Hyper2Kvm.Machines;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Guest;

public class MachineProbeTests
{
    [Fact]
    public void The_disk_with_Windows_is_found_wherever_it_hangs_and_the_others_are_kept_in_order()
    {
        using TempFolder folder = new();
        string first = Blank(folder, "data1.raw");
        string second = Blank(folder, "data2.raw");
        WindowsLayout layout = Probe(first, Fixtures.SampleDisk, Fixtures.Variant("linux-ext4"), second);
        Assert.Equal(Fixtures.SampleDisk, layout.ImagePath);
        Assert.Equal([first, Fixtures.Variant("linux-ext4"), second], layout.DataDisks.Select(disk => disk.ImagePath));
        Assert.Equal([ImageFormat.Raw, ImageFormat.Vmdk, ImageFormat.Raw], layout.DataDisks.Select(disk => disk.Format));
        Assert.All(layout.DataDisks, disk => Assert.Null(disk.Obstacle));
        Assert.All(layout.DataDisks, disk => Assert.False(disk.IsBootDisk));
        Assert.Equal("web01", layout.Machine!.Name);
        Assert.Empty(layout.Warnings);
    }

    [Fact]
    public void Of_two_Windows_the_first_in_boot_order_is_taken_with_a_warning()
    {
        WindowsLayout layout = Probe(Fixtures.Windows7Disk, Fixtures.SampleDisk);
        Assert.Equal(Fixtures.Windows7Disk, layout.ImagePath);
        Assert.Contains(layout.Warnings, warning => warning.Message.StartsWith("A second Windows", StringComparison.Ordinal));
    }

    [Fact]
    public void A_copy_that_hangs_beside_its_original_is_said()
    {
        using TempFolder folder = new();
        string copy = Fixtures.Copy(Fixtures.SampleDisk, folder);
        LayoutWarning warning = Assert.Single(Probe(Fixtures.SampleDisk, copy).Warnings, text => text.Message.Contains("have the same id", StringComparison.Ordinal));
        Assert.Contains($"'{Fixtures.SampleDisk}', '{copy}'", warning.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(
            Probe(Fixtures.SampleDisk, Blank(folder, "a.raw"), Blank(folder, "b.raw")).Warnings, text => text.Message.Contains("have the same id", StringComparison.Ordinal));
    }

    [Fact]
    public void Windows_and_its_boot_store_on_two_disks()
    {
        using TempFolder folder = new();
        string boot = folder.File("boot.raw");
        WriteWithoutWindows(boot);
        WindowsLayout layout = Probe(Fixtures.Variant("no-boot-store"), boot);
        Assert.Equal(Fixtures.Variant("no-boot-store"), layout.ImagePath);
        Assert.True(Assert.Single(layout.DataDisks).IsBootDisk);
        Assert.Contains(layout.Warnings, warning => warning.Message.Contains("has the boot store", StringComparison.Ordinal));
        Assert.False(Assert.Single(Probe(Fixtures.SampleDisk, boot).DataDisks).IsBootDisk);
    }

    [Fact]
    public void Without_a_Windows_the_error_that_comes_closest_is_raised()
    {
        using TempFolder folder = new();
        Assert.Equal("BitLockerVolume", Refusal(Machine(Blank(folder, "blank.raw"), Fixtures.Variant("data-only"), Fixtures.Variant("bitlocker"))));
        Assert.Equal("WindowsNotFound", Refusal(Machine(Fixtures.Variant("data-only"), Fixtures.Variant("linux-ext4"))));
        Assert.Equal("MachineWithoutDisks", Refusal(Machine()));
        Assert.Equal("MachineDiskMissing", Refusal(Machine("D:\\VMs\\web01.vhdx")));
        Assert.Equal("DatastorePathNotLocal", Refusal(Machine("[ds1] web01/web01.vmdk")));
        Assert.Equal("DatastorePathNotLocal", Refusal(Machine(Fixtures.Variant("data-only"), "/vmfs/volumes/5/web01/web01.vmdk")));
    }

    [Fact]
    public void What_is_not_here_is_left_out_with_a_warning_when_Windows_is()
    {
        WindowsLayout layout = MachineProbe.Probe(Machine(Fixtures.SampleDisk, "[ds1] web01/data.vmdk", ""), null, SilentReporter.Instance);
        Assert.Empty(layout.DataDisks);
        Assert.Equal(2, layout.Warnings.Count(warning => warning.Message.Contains("is left out", StringComparison.Ordinal)));
    }

    [Fact]
    public void Firmware_of_machine_and_disk_that_differ_are_said()
    {
        MachineDraft draft = new(SourceMachineKind.Vmx, "x.vmx") { Name = "web01", Firmware = FirmwareMode.Bios };
        draft.AddDisk("a", Fixtures.SampleDisk, DiskController.Scsi);
        WindowsLayout layout = MachineProbe.Probe(draft.Build(), null, SilentReporter.Instance);
        Assert.Equal(FirmwareMode.Uefi, layout.Firmware);
        Assert.Contains(layout.Warnings, warning => warning.Message.Contains("follows the disk", StringComparison.Ordinal));
    }

    [OracleFact("qemu-img")]
    public void The_system_disk_is_known_in_its_copy_and_what_libvirt_cannot_run_is_said()
    {
        using TempFolder folder = new();
        string copy = folder.File("copy.qcow2");
        ForeignTool.RunOk("qemu-img", "convert", "-O", "qcow2", Fixtures.SampleDisk, copy);
        ForeignTool.RunOk("qemu-img", "create", "-q", "-f", "vhdx", folder.File("data.vhdx"), "8M");
        WindowsLayout layout = LayoutProbe.Probe(copy, null, SilentReporter.Instance);
        SourceMachine machine = Machine(folder.File("data.vhdx"), Fixtures.SampleDisk);
        DataDisk data = Assert.Single(MachineProbe.DataDisksBeside(machine, layout, SilentReporter.Instance));
        Assert.Equal((folder.File("data.vhdx"), ImageFormat.Vhdx), (data.ImagePath, data.Format));
        Assert.Contains("libvirt", data.Obstacle, StringComparison.Ordinal);

        // The only disk of a machine that is here no more is the one that was copied.
        Assert.Empty(MachineProbe.DataDisksBeside(Machine("[ds1] web01/web01.vmdk"), layout, SilentReporter.Instance));
    }

    private static WindowsLayout Probe(params string[] disks) => MachineProbe.Probe(Machine(disks), null, SilentReporter.Instance);

    private static string Refusal(SourceMachine machine) =>
        Assert.ThrowsAny<Hyper2KvmException>(() => MachineProbe.Probe(machine, null, SilentReporter.Instance)).ErrorId;

    private static SourceMachine Machine(params string[] disks)
    {
        MachineDraft draft = new(SourceMachineKind.Vmx, "x.vmx") { Name = "web01" };
        foreach (string disk in disks)
        {
            draft.AddDisk(disk, File.Exists(disk) ? disk : null, DiskController.Scsi);
        }

        return draft.Build();
    }

    private static string Blank(TempFolder folder, string name)
    {
        File.WriteAllBytes(folder.File(name), new byte[1024 * 1024]);
        return folder.File(name);
    }

    /// <summary>The sample with an EFI system partition and a boot store, and nothing where Windows was.</summary>
    private static void WriteWithoutWindows(string path)
    {
        WindowsLayout sample = LayoutProbe.Probe(Fixtures.SampleDisk, null, SilentReporter.Instance);
        using DiskImage image = ImageDetector.Open(Fixtures.SampleDisk);
        byte[] bytes = new byte[image.Length];
        image.Read(0, bytes);
        bytes.AsSpan((int)sample.WindowsPartition.Offset, (int)sample.WindowsPartition.Size).Clear();
        File.WriteAllBytes(path, bytes);
    }
}
