using System.Globalization;
using System.Xml.Linq;
using Hyper2Kvm.Booting;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Domains;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Booting;

/// <summary>Linux stands in for Windows: it boots from the very XML that we write, and must find the edited guest's volume on SATA in the
/// bootstrap domain and on VirtIO in the final one.</summary>
public sealed class TrialBootScenarioTests
{
    [LinuxFact]
    public void The_edited_guest_is_found_on_SATA_and_then_on_VirtIO()
    {
        using TempFolder folder = new();
        string source = Fixtures.Copy(Fixtures.SampleDisk, folder);
        GuestEdit edit = Plans.Edit(source);
        string hash = EditedGuest.Hash(edit.ImagePath);

        KvmBootResult bootstrap = Boot(folder, edit, DomainPhase.Bootstrap, StorageBus.VirtioBlk, FirmwareMode.Bios);
        KvmBootResult final = Boot(folder, edit, DomainPhase.Final, StorageBus.VirtioBlk, FirmwareMode.Bios);
        KvmBootResult scsi = Boot(folder, edit, DomainPhase.Final, StorageBus.VirtioScsi, FirmwareMode.Bios);

        Assert.Equal("stand-in: Windows on ata", FoundOn(bootstrap));
        Assert.Equal("stand-in: Windows on virtio-blk", FoundOn(final));
        Assert.Equal("stand-in: Windows on virtio-scsi", FoundOn(scsi));
        Assert.Equal(KvmBootStage.Agent, final.Reached);
        Assert.Equal(final.Milestones.OrderBy(milestone => milestone.After), final.Milestones);
        Assert.Equal(hash, EditedGuest.Hash(edit.ImagePath));
    }

    [LinuxFact("virsh", "libvirtd")]
    public void Libvirt_boots_the_same_domains()
    {
        using TempFolder folder = new();
        GuestEdit edit = Plans.Edit(Fixtures.Copy(Fixtures.SampleDisk, folder));
        string hash = EditedGuest.Hash(edit.ImagePath);
        using EmbeddedLibvirt embedded = new();
        string libvirt = embedded.Uri;

        Assert.Equal("stand-in: Windows on ata", FoundOn(Boot(folder, edit, DomainPhase.Bootstrap, StorageBus.VirtioBlk, FirmwareMode.Bios, libvirt: libvirt)));
        KvmBootResult final = Boot(folder, edit, DomainPhase.Final, StorageBus.VirtioBlk, FirmwareMode.Uefi, libvirt: libvirt);
        Assert.Equal("stand-in: Windows on virtio-blk", FoundOn(final));
        Assert.Equal(KvmBootStage.Agent, final.Reached);
        Assert.StartsWith("libvirt", final.Through, StringComparison.Ordinal);
        Assert.Equal(hash, EditedGuest.Hash(edit.ImagePath));
    }

    [LinuxFact("swtpm")]
    public void The_domain_of_Windows_11_starts_with_its_UEFI_firmware_and_its_TPM()
    {
        using TempFolder folder = new();
        string source = Fixtures.Copy(Fixtures.SampleDisk, folder);
        GuestEdit edit = Plans.Edit(source);
        Assert.True(QemuFirmware.Find("x86_64", "q35", secureBoot: false) is not null, "OVMF is not installed");

        KvmBootResult result = Boot(folder, edit, DomainPhase.Final, StorageBus.VirtioBlk, FirmwareMode.Uefi, tpm: true);

        Assert.Equal("stand-in: Windows on virtio-blk", FoundOn(result));
    }

    private static KvmBootResult Boot(
        TempFolder folder, GuestEdit edit, DomainPhase phase, StorageBus bus, FirmwareMode firmware, bool tpm = false, string? libvirt = null)
    {
        LinuxKernel kernel = LinuxKernel.Found!;
        string tools = Path.Combine(Repository.Root, "tests", "Fixtures", "tools");
        string root = folder.File("stand-in.cpio");
        if (!File.Exists(root))
        {
            ForeignTool.RunOk("bash", Path.Combine(tools, "initramfs.sh"), kernel.Root, kernel.Version, root, Path.Combine(tools, "stand-in-init.sh"));
        }

        DomainRequest request = new()
        {
            Layout = edit.Layout with { Firmware = firmware }, Phase = phase, ImagePath = edit.ImagePath, DiskFormat = "qcow2",
            Identity = DomainIdentity.From(edit.Layout), Bus = bus, MemoryMiB = 512, Cores = 1, Tpm = tpm,
        };
        XElement domain = DomainXmlReader.Read(DomainXmlWriter.Write(request));
        // A processor that is emulated on a busy host gets too few ticks for the check of the timer, over which Linux panics.
        domain.Element("os")!.Add(
            new XElement("kernel", kernel.Image), new XElement("initrd", root),
            new XElement("cmdline", string.Create(
                CultureInfo.InvariantCulture, $"console=ttyS0 panic=-1 no_timer_check stand_in_windows={edit.Layout.WindowsPartition.Number}")));
        KvmBootResult result = KvmBootTester.Run(
            new KvmBootRequest
            {
                Xml = domain.ToString(), UseKvm = false, Timeout = TimeSpan.FromMinutes(15), Until = KvmBootStage.Agent, Connect = libvirt,
                OutputDirectory = folder.File($"{phase}-{bus}-{firmware}"),
            },
            SilentReporter.Instance,
            CancellationToken.None);
        Assert.True(result.IsSuccess, $"{result.Outcome}: {result.Cause}\n{string.Join('\n', File.ReadAllLines(result.SerialLog).TakeLast(25))}");
        return result;
    }

    private static string FoundOn(KvmBootResult result) =>
        Assert.Single(File.ReadAllLines(result.SerialLog), line => line.StartsWith("stand-in: Windows", StringComparison.Ordinal)).Trim();
}
