using Hyper2Kvm.Bcd;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Registry;
using Hyper2Kvm.Unit.Bcd;
using Hyper2Kvm.Unit.Domains;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Guest;

/// <summary>Stores that Windows wrote, against disks made from the ids in them.</summary>
public sealed class RealStoreInspectionTests
{
    [DataFact("bcd/uefi-win11-vmware-virt-v2v.reg")]
    public void Store_of_a_windows_11_on_vmware_boots_its_disk_and_no_other()
    {
        BcdStore store = RegExport.Read(File.ReadAllText(SharedData.PathOf("bcd/uefi-win11-vmware-virt-v2v.reg")));
        Assert.Equal(18, store.Objects.Count);
        BcdObject loader = store.Find(store.DefaultId!.Value)!;
        Assert.Equal(new Guid("9dd54393-76ea-11ed-8c7c-de4e190a0ee1"), loader.Id);
        Assert.Equal("Windows 11", loader.Text(BcdElementTypes.Description));
        Assert.Equal(@"\Windows\system32\winload.efi", loader.Text(BcdElementTypes.ApplicationPath));
        BcdPartitionId windows = loader.Device(BcdElementTypes.OsDevice)!.Partition!;
        Assert.Equal(
            BcdPartitionId.Gpt(new("1581cea0-12ee-4f7d-8967-a2b73024aae2"), new("addc0d43-17a9-4e26-a16c-dc71e67393f7")), windows);

        WindowsLayout layout = Layout(store);
        BcdInspection inspection = BcdInspection.Inspect(store, layout, _ => null);
        Assert.DoesNotContain(inspection.Findings, finding => finding.Severity != FindingSeverity.Information);
        Assert.Equal(["{fwbootmgr}", "{bootmgr}", "{default}"], inspection.Entries.Take(3).Select(entry => entry.Alias));
        Assert.Equal("partition 2 (Windows)", inspection.Entries[2].OsDevice);
        Assert.Contains(inspection.Entries, entry => entry.Device == "ramdisk \\Recovery\\WindowsRE\\Winre.wim on partition " +
            "{0eb91d91-0c98-4596-ac34-9775035ee4a6} of disk {addc0d43-17a9-4e26-a16c-dc71e67393f7}, not on this disk");
        Assert.Contains(inspection.Entries, entry => entry is { Type: "Firmware Application", Description: "EFI Virtual disk (0.0)" });

        BcdInspection other = BcdInspection.Inspect(store, layout with { DiskId = Guid.Empty }, _ => null);
        Assert.Contains(other.Findings, finding => finding is { Id: "BcdDiskIdMismatch", Severity: FindingSeverity.Error });
    }

    [DataFact("bcd/uefi-win10-fisummer.BCD")]
    public void Store_of_a_windows_10_boots_its_disk()
    {
        BcdStore store = Open("bcd/uefi-win10-fisummer.BCD");
        BcdInspection inspection = BcdInspection.Inspect(store, Layout(store), _ => null);
        Assert.DoesNotContain(inspection.Findings, finding => finding.Severity != FindingSeverity.Information);
        Assert.Equal(["{fwbootmgr}", "{bootmgr}", "{default}"], inspection.Entries.Take(3).Select(entry => entry.Alias));
        Assert.Equal("partition 1 (EFI system)", inspection.Entries[1].Device);
    }

    [DataFact("bcd/bios-win10-ltsc-vhdboot-fanxcv.BCD")]
    public void Store_that_starts_from_a_virtual_disk_on_another_disk_says_both()
    {
        BcdStore store = Open("bcd/bios-win10-ltsc-vhdboot-fanxcv.BCD");
        BcdInspection inspection = BcdInspection.Inspect(store, Guests.Layout(Guests.Version(10, 0, 17763)), _ => null);
        string[] ids = [.. inspection.Findings.Select(finding => $"{finding.Severity} {finding.Id}").Distinct()];
        Assert.Equal(
            ["Error BcdDeviceNotOnDisk", "Warning BcdVirtualDiskBoot", "Warning BcdDeviceNotOnDisk", "Information BcdKeyNotAnObject",
                "Information BcdDeviceNotOnDisk"],
            ids);
        Assert.StartsWith(@"virtual disk \1809.402.vhd on partition {e9c8d6b2-", inspection.Entries[1].OsDevice, StringComparison.Ordinal);
    }

    private static BcdStore Open(string file) =>
        BcdStore.Open(Hive.Open(new MemoryBlockDevice(SharedData.Read(file)), [], "BCD"));

    /// <summary>A GPT disk with the partitions of the boot manager and of the default entry.</summary>
    private static WindowsLayout Layout(BcdStore store)
    {
        BcdPartitionId system = store.BootManager!.Device(BcdElementTypes.ApplicationDevice)!.Partition!;
        BcdPartitionId windows = store.Find(store.DefaultId!.Value)!.Device(BcdElementTypes.OsDevice)!.Partition!;
        PartitionInfo first = new()
        {
            Number = 1, Offset = 1 << 20, Size = 100 << 20, TypeId = "", UniqueId = system.PartitionGuid, Role = PartitionRole.EfiSystem,
        };
        PartitionInfo second = new()
        {
            Number = 2, Offset = 200 << 20, Size = 1L << 30, TypeId = "", UniqueId = windows.PartitionGuid, Role = PartitionRole.Windows,
        };
        return Guests.Layout(Guests.Version(10, 0, 22631), FirmwareMode.Uefi) with
        {
            DiskId = windows.DiskGuid, Partitions = [first, second], BootPartition = first, WindowsPartition = second,
        };
    }
}
