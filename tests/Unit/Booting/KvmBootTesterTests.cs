using Hyper2Kvm.Booting;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Domains;
using Hyper2Kvm.Images;
using Hyper2Kvm.Unit.Domains;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Booting;

/// <summary>Boot sectors of ours in a real QEMU: the watcher must tell what they show, touch nothing and leave nothing.</summary>
public sealed class KvmBootTesterTests
{
    [OracleFact("qemu-system-x86_64")]
    public void An_error_on_the_screen_is_recognised_and_photographed_and_the_disk_is_as_it_was()
    {
        using TempFolder folder = new();
        string disk = folder.File("disk.raw");
        byte[] content = BootSector.Printing("\n Windows Boot Manager\n\n File: \\Boot\\BCD\n\n Status: 0xc000000f\n\n Info: The Boot Configuration Data file is missing.\n");
        File.WriteAllBytes(disk, content);

        KvmBootResult result = Run(folder, disk);

        Assert.Equal(KvmBootOutcome.BootError, result.Outcome);
        Assert.Equal("0xC000000F", result.Code);
        Assert.False(result.IsSuccess);
        Assert.Contains("Repair-Bcd", result.Remedy, StringComparison.Ordinal);
        Assert.Equal(KvmBootStage.BootManager, result.Reached);
        Assert.NotEmpty(result.Screenshots);
        Assert.All(result.Screenshots, file => Assert.Equal("\x89PNG", System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(file), 0, 4)));
        Assert.Equal(content, File.ReadAllBytes(disk));
        NothingIsLeftOf(folder);
    }

    [OracleTheory("qemu-system-x86_64")]
    [InlineData("BOOTMGR is missing\nPress Ctrl+Alt+Del to restart", KvmBootOutcome.BootError, null)]
    [InlineData("*** STOP: 0x0000007B (0xFFFFF880009A98E8,0xFFFFFFFFC0000034)", KvmBootOutcome.StopError, "INACCESSIBLE_BOOT_DEVICE")]
    [InlineData("Windows failed to start.\n Status: 0xc0000428", KvmBootOutcome.BootError, null)]
    [InlineData("Windows Error Recovery\n Launch Startup Repair (recommended)", KvmBootOutcome.Recovery, null)]
    public void Each_text_has_its_outcome(string text, KvmBootOutcome outcome, string? codeName)
    {
        using TempFolder folder = new();
        File.WriteAllBytes(folder.File("disk.raw"), BootSector.Printing(text));
        KvmBootResult result = Run(folder, folder.File("disk.raw"));
        Assert.Equal(outcome, result.Outcome);
        Assert.Equal(codeName, result.CodeName);
    }

    [OracleFact("qemu-system-x86_64")]
    public void A_disk_that_nothing_starts_from_is_told()
    {
        using TempFolder folder = new();
        File.WriteAllBytes(folder.File("disk.raw"), new byte[1 << 20]);
        Assert.Equal(KvmBootOutcome.NoBootDevice, Run(folder, folder.File("disk.raw")).Outcome);
    }

    [OracleFact("qemu-system-x86_64")]
    public void A_guest_that_powers_off_or_resets_for_ever_is_told()
    {
        using TempFolder folder = new();
        File.WriteAllBytes(folder.File("off.raw"), BootSector.PoweringOff());
        File.WriteAllBytes(folder.File("reset.raw"), BootSector.Resetting());
        Assert.Equal(KvmBootOutcome.PoweredOff, Run(folder, folder.File("off.raw")).Outcome);
        KvmBootResult reset = Run(folder, folder.File("reset.raw"));
        Assert.Equal(KvmBootOutcome.PoweredOff, reset.Outcome);
        Assert.Contains("times", reset.Cause, StringComparison.Ordinal);
    }

    [OracleFact("qemu-system-x86_64")]
    public void Time_that_is_over_ends_the_machine()
    {
        using TempFolder folder = new();
        File.WriteAllBytes(folder.File("disk.raw"), BootSector.Printing("Loading..."));
        KvmBootResult result = Run(folder, folder.File("disk.raw"), request => request with { Timeout = TimeSpan.FromSeconds(3) });
        Assert.Equal(KvmBootOutcome.TimedOut, result.Outcome);
        NothingIsLeftOf(folder);
    }

    [OracleFact("qemu-system-x86_64")]
    public void A_cancelled_boot_leaves_nothing()
    {
        using TempFolder folder = new();
        File.WriteAllBytes(folder.File("disk.raw"), BootSector.Printing("Loading..."));
        using CancellationTokenSource source = new();
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() =>
            KvmBootTester.Run(Request(folder, folder.File("disk.raw")), SilentReporter.Instance, source.Token));
        NothingIsLeftOf(folder);
    }

    [OracleFact("qemu-system-x86_64")]
    public void What_QEMU_refuses_is_told_in_its_words()
    {
        using TempFolder folder = new();
        File.WriteAllBytes(folder.File("disk.raw"), BootSector.PoweringOff());
        KvmBootRequest request = Request(folder, folder.File("disk.raw"));
        GuestStateException error = Assert.Throws<GuestStateException>(() => KvmBootTester.Run(
            request with { Xml = request.Xml.Replace("machine=\"q35\"", "machine=\"q35-none\"", StringComparison.Ordinal) },
            SilentReporter.Instance, CancellationToken.None));
        Assert.Equal("TrialMachineFailed", error.ErrorId);
        Assert.Contains("unsupported machine type", error.Message, StringComparison.Ordinal);
        NothingIsLeftOf(folder);
    }

    [OracleFact("qemu-system-x86_64")]
    public void A_domain_that_was_only_rehearsed_boots_with_a_blank_disk_for_its_dummy()
    {
        using TempFolder folder = new();
        string disk = folder.File("disk.raw");
        File.WriteAllBytes(disk, BootSector.PoweringOff());
        WindowsLayout layout = Guests.Layout(Guests.Version(6, 1, 7601)) with { ImagePath = disk, Format = ImageFormat.Raw };
        DomainFiles files = new(layout, null, disk, folder.File("domains"), new DomainSettings { MemoryMiB = 64 }, SilentReporter.Instance);
        KvmDomain domain = files.Make(DomainPhase.Bootstrap, writes: false);
        Assert.Contains("virtio-dummy.raw", domain.Xml, StringComparison.Ordinal);
        KvmBootRequest request = Request(folder, disk) with { Xml = domain.Xml, Domain = domain };
        Assert.Equal(KvmBootOutcome.PoweredOff, KvmBootTester.Run(request, SilentReporter.Instance, CancellationToken.None).Outcome);
        Assert.False(Directory.Exists(folder.File("domains")));
        Assert.Equal("BootDiskMissing", Fails(request with { Domain = null }));
    }

    [Uefi32Fact]
    public void A_32_bit_UEFI_machine_finds_its_firmware()
    {
        using TempFolder folder = new();
        File.WriteAllBytes(folder.File("disk.raw"), new byte[1 << 20]);
        WindowsLayout layout = Guests.Layout(Guests.Version(10, 0, 19045, architecture: GuestArchitecture.X86), FirmwareMode.Uefi);
        string xml = DomainXmlWriter.Write(Guests.Request(layout) with
        {
            ImagePath = folder.File("disk.raw"), DiskFormat = "raw", DriverIso = null, DummyDiskPath = null, MemoryMiB = 256, Cores = 1,
        });
        KvmBootResult result = Run(folder, folder.File("disk.raw"), request => request with { Xml = xml, SerialPattern = "(?i)bds|shell|uefi", Timeout = TimeSpan.FromSeconds(30) });
        Assert.InRange(result.Reached, KvmBootStage.Firmware, KvmBootStage.BootManager);
        Assert.True(result.Outcome is KvmBootOutcome.Reached or KvmBootOutcome.NoBootDevice or KvmBootOutcome.TimedOut, $"{result.Outcome} {result.Cause}");
        NothingIsLeftOf(folder);
    }

    [Fact]
    public void A_disk_or_a_program_that_is_not_here_is_an_error()
    {
        using TempFolder folder = new();
        File.WriteAllBytes(folder.File("disk.raw"), BootSector.PoweringOff());
        KvmBootRequest request = Request(folder, folder.File("disk.raw"));
        Assert.Equal("ProgramNotFound", Fails(request with { QemuPath = folder.File("none") }));
        Assert.Equal("SerialPatternInvalid", Fails(request with { SerialPattern = "(" }));
        File.Delete(folder.File("disk.raw"));
        Assert.Equal("BootDiskMissing", Fails(request));
    }

    private static string Fails(KvmBootRequest request) => Assert.ThrowsAny<Hyper2KvmException>(() =>
        KvmBootTester.Run(request, SilentReporter.Instance, CancellationToken.None)).ErrorId;

    private static KvmBootResult Run(TempFolder folder, string disk, Func<KvmBootRequest, KvmBootRequest>? change = null)
    {
        KvmBootRequest request = Request(folder, disk);
        return KvmBootTester.Run(change is null ? request : change(request), SilentReporter.Instance, CancellationToken.None);
    }

    private static KvmBootRequest Request(TempFolder folder, string disk) => new()
    {
        Xml = DomainXmlWriter.Write(Guests.Request(Guests.Layout(Guests.Version(6, 1, 7601))) with
        {
            ImagePath = disk, DiskFormat = "raw", DriverIso = null, DummyDiskPath = null, MemoryMiB = 64, Cores = 1,
        }),
        UseKvm = false,
        Timeout = TimeSpan.FromMinutes(10),
        ScreenInterval = TimeSpan.FromSeconds(1),
        OutputDirectory = folder.File("out"),
    };

    /// <summary>No process that names this test's disk, and no temporary folder of a machine of this process.</summary>
    private static void NothingIsLeftOf(TempFolder folder)
    {
        Remains.HaveNoProcess(folder.Path, "qemu-system-x86_64");
        Remains.HaveNoOverlayOf(folder);
    }
}
