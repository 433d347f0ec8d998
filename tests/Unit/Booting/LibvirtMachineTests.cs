using Hyper2Kvm.Booting;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Domains;
using Hyper2Kvm.Unit.Domains;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Booting;

/// <summary>The same boots by libvirt's own QEMU driver: as a domain of another name, on overlays, with nothing left.</summary>
public sealed class LibvirtMachineTests(EmbeddedLibvirt libvirt) : IClassFixture<EmbeddedLibvirt>
{
    [OracleFact("virsh", "libvirtd", "qemu-system-x86_64")]
    public void An_error_is_recognised_and_the_disk_is_as_it_was()
    {
        using TempFolder folder = new();
        string disk = folder.File("disk.raw");
        byte[] content = BootSector.Printing("\n Windows Boot Manager\n\n Status: 0xc000000f\n");
        File.WriteAllBytes(disk, content);
        string owner = ForeignTool.RunOk("stat", "-c", "%u:%g %a", disk);

        KvmBootResult result = KvmBootTester.Run(Request(folder, disk), SilentReporter.Instance, CancellationToken.None);

        Assert.Equal((KvmBootOutcome.BootError, "0xC000000F"), (result.Outcome, result.Code));
        Assert.StartsWith("libvirt (qemu:///embed", result.Through, StringComparison.Ordinal);
        Assert.Equal("WEB01", result.Name);
        Assert.Equal(KvmBootStage.BootManager, result.Reached);
        Assert.NotEmpty(result.Screenshots);
        Assert.True(File.Exists(result.SerialLog));
        Assert.Equal(content, File.ReadAllBytes(disk));
        Assert.Equal(owner, ForeignTool.RunOk("stat", "-c", "%u:%g %a", disk));
        NothingIsLeftOf(folder);
    }

    [OracleFact("virsh", "libvirtd", "qemu-system-x86_64")]
    public void Time_that_is_over_and_a_stop_by_the_user_end_the_machine()
    {
        using TempFolder folder = new();
        string disk = folder.File("disk.raw");
        File.WriteAllBytes(disk, BootSector.Printing("Loading..."));
        KvmBootRequest request = Request(folder, disk);
        Assert.Equal(KvmBootOutcome.TimedOut, KvmBootTester.Run(request with { Timeout = TimeSpan.FromSeconds(2) }, SilentReporter.Instance, CancellationToken.None).Outcome);
        NothingIsLeftOf(folder);

        using CancellationTokenSource stop = new();
        Assert.ThrowsAny<OperationCanceledException>(() => KvmBootTester.Run(request, new StopWhenItRuns(stop), stop.Token));
        NothingIsLeftOf(folder);
    }

    [OracleFact("virsh", "libvirtd", "qemu-system-x86_64")]
    public void A_guest_that_powers_off_is_told()
    {
        using TempFolder folder = new();
        File.WriteAllBytes(folder.File("off.raw"), BootSector.PoweringOff());
        Assert.Equal(KvmBootOutcome.PoweredOff, KvmBootTester.Run(Request(folder, folder.File("off.raw")), SilentReporter.Instance, CancellationToken.None).Outcome);
        NothingIsLeftOf(folder);
    }

    [OracleFact("virsh", "libvirtd", "qemu-system-x86_64")]
    public void What_libvirt_refuses_is_told_in_its_words()
    {
        using TempFolder folder = new();
        File.WriteAllBytes(folder.File("disk.raw"), BootSector.PoweringOff());
        KvmBootRequest request = Request(folder, folder.File("disk.raw"));
        GuestStateException error = Assert.Throws<GuestStateException>(() => KvmBootTester.Run(
            request with { Xml = request.Xml.Replace("machine=\"q35\"", "machine=\"q35-none\"", StringComparison.Ordinal) }, SilentReporter.Instance, CancellationToken.None));
        Assert.Equal("TrialMachineFailed", error.ErrorId);
        Assert.Contains("error: Failed to create domain", error.Message, StringComparison.Ordinal);
        NothingIsLeftOf(folder);
    }

    [OracleFact("virsh", "libvirtd", "qemu-system-x86_64", "swtpm")]
    public void Every_generation_starts_in_both_phases()
    {
        using TempFolder folder = new();
        File.WriteAllBytes(folder.File("off.raw"), BootSector.PoweringOff());
        File.WriteAllBytes(folder.File("drivers.iso"), new byte[1 << 20]);
        File.WriteAllBytes(folder.File("dummy.raw"), new byte[1 << 20]);
        foreach ((string name, WindowsVersion version) in Guests.All.Where(guest => guest.OsInfo is "2k3" or "2k12" or "11"))
        {
            FirmwareMode firmware = name == "11" ? FirmwareMode.Uefi : FirmwareMode.Bios;
            foreach (DomainPhase phase in Enum.GetValues<DomainPhase>())
            {
                KvmBootRequest request = Request(folder, folder.File("off.raw"), Guests.Layout(version, firmware), phase);
                KvmBootResult result = KvmBootTester.Run(
                    firmware == FirmwareMode.Uefi ? request with { Timeout = TimeSpan.FromSeconds(2) } : request, SilentReporter.Instance, CancellationToken.None);
                KvmBootOutcome expected = firmware == FirmwareMode.Uefi ? KvmBootOutcome.TimedOut : KvmBootOutcome.PoweredOff;
                // A BIOS starts our boot sector from SATA, IDE and VirtIO; OVMF passes over it.
                Assert.True(result.Outcome == expected, $"{name} {phase}: {result.Outcome} {result.Cause}");
            }
        }

        NothingIsLeftOf(folder);
    }

    [OracleFact("virsh")]
    public void A_libvirt_that_is_not_there_is_an_error_only_where_it_was_named()
    {
        using TempFolder folder = new();
        File.WriteAllBytes(folder.File("disk.raw"), BootSector.PoweringOff());
        KvmBootRequest request = Request(folder, folder.File("disk.raw")) with { Connect = $"qemu+unix:///session?socket={folder.File("none")}" };
        Assert.Equal("LibvirtNotReached", Assert.Throws<GuestStateException>(() => KvmBootTester.Run(request, SilentReporter.Instance, CancellationToken.None)).ErrorId);
    }

    private KvmBootRequest Request(TempFolder folder, string disk, WindowsLayout? layout = null, DomainPhase phase = DomainPhase.Bootstrap) => new()
    {
        Xml = DomainXmlWriter.Write(Guests.Request(layout ?? Guests.Layout(Guests.Version(6, 1, 7601)), phase) with
        {
            ImagePath = disk, DiskFormat = "raw", DriverIso = layout is null ? null : folder.File("drivers.iso"),
            DummyDiskPath = layout is null ? null : folder.File("dummy.raw"), MemoryMiB = 128, Cores = 1,
        }),
        UseKvm = false,
        Timeout = TimeSpan.FromMinutes(10),
        ScreenInterval = TimeSpan.FromSeconds(1),
        OutputDirectory = folder.File("out"),
        Connect = libvirt.Uri,
    };

    private void NothingIsLeftOf(TempFolder folder)
    {
        libvirt.HasNothing();
        Remains.HaveNoOverlayOf(folder);
    }

    /// <summary>Stands for a user who presses Ctrl+C once the machine runs.</summary>
    private sealed class StopWhenItRuns(CancellationTokenSource stop) : IReporter
    {
        public void Verbose(string message)
        {
        }

        public void Warning(string message)
        {
        }

        public void Progress(string activity, string status, int percent) => stop.Cancel();
    }
}
