using System.Diagnostics;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing;
using Hyper2Kvm.Editing.Commit;
using Hyper2Kvm.Images;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Editing;

/// <summary>A disk that another program uses, and QEMU's own view of a disk that we use.</summary>
public class HostLockTests
{
    [OracleFact("qemu-img", "qemu-system-x86_64")]
    public void The_disk_of_a_running_guest_is_neither_edited_nor_read()
    {
        using TempFolder folder = new();
        string disk = Raw(folder);
        VirtioDriverPlan plan = Plans.Plan(disk);
        string before = EditedGuest.Hash(disk);
        using (Machine machine = Machine.Start("-drive", $"file={disk},format=raw,if=virtio"))
        {
            Refused(() => Plans.Probe(disk));
            Refused(() => Plans.Run(Plans.Request(plan, disk)));
            Refused(() => Plans.Run(Plans.Request(plan, disk) with { InPlace = true }));
        }

        Assert.Equal(before, EditedGuest.Hash(disk));
        Assert.Equal(EditMode.Overlay, Plans.Run(Plans.Request(plan, disk)).Mode); // it was the guest alone
    }

    [OracleFact("qemu-img", "qemu-system-x86_64")]
    public void A_disk_that_a_running_guest_stands_on_is_read_but_not_edited_in_place()
    {
        using TempFolder folder = new();
        string disk = Raw(folder);
        Directory.CreateDirectory(folder.File("elsewhere"));
        string overlay = Path.Combine(folder.File("elsewhere"), "child.qcow2");
        ForeignTool.RunOk("qemu-img", "create", "-f", "qcow2", "-b", disk, "-F", "raw", overlay);
        VirtioDriverPlan plan = Plans.Plan(disk);
        string before = EditedGuest.Hash(disk);
        using (Machine machine = Machine.Start("-drive", $"file={overlay},format=qcow2,if=virtio"))
        {
            Refused(() => Plans.Run(Plans.Request(plan, disk) with { InPlace = true }));
            Assert.Equal(before, EditedGuest.Hash(disk));
            Assert.Equal(EditMode.Overlay, Plans.Run(Plans.Request(plan, disk)).Mode);
        }
    }

    [OracleFact("qemu-img", "qemu-system-x86_64")]
    public void An_overlay_that_runs_is_neither_edited_further_nor_removed()
    {
        using TempFolder folder = new();
        string disk = Raw(folder);
        GuestEdit edit = Plans.Edit(disk);
        string before = EditedGuest.Hash(edit.ImagePath);
        using Machine machine = Machine.Start("-snapshot", "-drive", $"file={edit.ImagePath},format=qcow2,if=virtio");
        Refused(() => Plans.Edit(disk));
        Refused(() => GuestUndo.Run(new GuestUndoRequest { ImagePath = disk, Force = true }, SilentReporter.Instance));
        Assert.Equal(before, EditedGuest.Hash(edit.ImagePath));
    }

    [OracleFact("qemu-img", "qemu-io")]
    public void QEMU_does_not_write_to_a_disk_that_we_read_or_edit()
    {
        using TempFolder folder = new();
        string disk = Raw(folder);
        string[] write = ["-f", "raw", "-c", "write -P 7 60M 512", disk];
        string[] read = ["-f", "raw", "-r", "-c", "read 0 512", disk];
        using (DiskImage image = ImageDetector.Open(disk))
        {
            Assert.Contains("lock", ForeignTool.Run("qemu-io", write).Error, StringComparison.Ordinal);
            ForeignTool.RunOk("qemu-io", read);
        }

        using (DiskImage image = ImageDetector.Open(disk))
        using (EditLock held = EditLock.Take(image))
        {
            image.Dispose();
            held.RefuseAllOthers();
            Assert.Contains("lock", ForeignTool.Run("qemu-io", write).Error, StringComparison.Ordinal);
            Refused(() => ImageDetector.Open(disk));
        }

        ForeignTool.RunOk("qemu-io", write);
    }

    [Fact]
    public void Two_edits_of_one_disk_at_once_are_refused()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        VirtioDriverPlan plan = Plans.Plan(disk);
        using (DiskImage image = ImageDetector.Open(disk))
        using (EditLock first = EditLock.Take(image))
        {
            Refused(() => Plans.Run(Plans.Request(plan, disk)));
            Assert.False(Plans.Probe(disk).IsVirtioBootReady);
        }

        Plans.Run(Plans.Request(plan, disk));
    }

    [Fact]
    public void A_disk_that_VMware_has_open_is_refused()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        Directory.CreateDirectory(disk + ".lck");
        Plans.Probe(disk);
        File.WriteAllText(Path.Combine(disk + ".lck", "M12345.lck"), "");

        Refused(() => Plans.Probe(disk));
    }

    private static void Refused(Action work) => Assert.Equal("ImageInUse", Assert.Throws<GuestStateException>(work).ErrorId);

    private static string Raw(TempFolder folder)
    {
        string disk = folder.File("disk.raw");
        ForeignTool.RunOk("qemu-img", "convert", "-O", "raw", Fixtures.SampleDisk, disk);
        return disk;
    }

    /// <summary>A virtual machine that has its disks open and does not run a single instruction.</summary>
    private sealed class Machine : IDisposable
    {
        private readonly Process _process;

        private Machine(Process process) => _process = process;

        public static Machine Start(params string[] arguments)
        {
            ProcessStartInfo start = new(
                ForeignTool.Find("qemu-system-x86_64")!, ["-S", "-M", "q35,accel=tcg", "-m", "64", "-display", "none", "-nodefaults", "-qmp", "stdio", .. arguments])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            };
            Process process = Process.Start(start)!;
            process.StandardInput.WriteLine("{\"execute\": \"qmp_capabilities\"}");
            process.StandardInput.WriteLine("{\"execute\": \"query-block\"}");
            process.StandardInput.Flush();
            string? line;
            while ((line = process.StandardOutput.ReadLine()) is not null && !line.Contains("\"inserted\"", StringComparison.Ordinal))
            {
            }

            Assert.NotNull(line); // the disks are open by then
            return new Machine(process);
        }

        public void Dispose()
        {
            _process.Kill();
            _process.WaitForExit();
            _process.Dispose();
        }
    }
}
