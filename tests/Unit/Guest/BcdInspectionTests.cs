using Hyper2Kvm.Bcd;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Unit.Bcd;

namespace Hyper2Kvm.Unit.Guest;

public sealed class BcdInspectionTests
{
    [Fact]
    public void Disk_as_windows_made_it_has_no_findings()
    {
        Assert.Empty(BootDisk.Uefi().Inspect().Findings);
        Assert.Empty(BootDisk.Bios().Inspect().Findings);
    }

    [Fact]
    public void Entries_are_listed_as_bcdedit_does_with_devices_in_words()
    {
        IReadOnlyList<BcdEntry> entries = BootDisk.Uefi().Inspect().Entries;
        Assert.Equal(["{bootmgr}", "{default}", "{733b62e4-f608-11eb-825c-c112f60133ab}", "{globalsettings}", "{bootloadersettings}"],
            entries.Select(entry => entry.Alias));
        Assert.Equal("Windows Boot Manager", entries[0].Type);
        Assert.Equal("partition 1 (EFI system)", entries[0].Device);
        Assert.Equal("Windows Boot Loader", entries[1].Type);
        Assert.Equal(@"\Windows\system32\winload.efi", entries[1].Path);
        Assert.Equal("partition 3 (Windows)", entries[1].OsDevice);
        Assert.Null(entries[3].Device);
    }

    [Fact]
    public void Changed_disk_signature_is_an_error_of_the_default_entry()
    {
        BootDisk disk = BootDisk.Bios();
        disk.Layout = disk.Layout with { DiskSignature = 0x12345678 };
        BcdInspection inspection = disk.Inspect();
        Assert.All(inspection.Findings, finding => Assert.Equal("BcdDiskIdMismatch", finding.Id));
        Assert.Equal(2, inspection.Findings.Count(finding => finding.Severity == FindingSeverity.Error));
        Assert.Contains("0xDF4546AE", inspection.Findings[0].Message, StringComparison.Ordinal);
        Assert.Contains("0x12345678", inspection.Findings[0].Message, StringComparison.Ordinal);
        Assert.Equal("partition 2 (Windows), but of disk 0xDF4546AE", inspection.Entries[1].Device);
    }

    [Fact]
    public void Changed_gpt_disk_guid_is_an_error()
    {
        BootDisk disk = BootDisk.Uefi();
        disk.Layout = disk.Layout with { DiskId = new Guid("11111111-1111-1111-1111-111111111111") };
        Expect(disk, "BcdDiskIdMismatch", FindingSeverity.Error);
    }

    [Fact]
    public void Partition_made_anew_is_an_error()
    {
        BootDisk disk = BootDisk.Uefi();
        PartitionInfo moved = disk.Layout.WindowsPartition with { UniqueId = new Guid("22222222-2222-2222-2222-222222222222") };
        disk.Layout = disk.Layout with { Partitions = [disk.Layout.BootPartition!, moved], WindowsPartition = moved };
        Expect(disk, "BcdDeviceNotOnDisk", FindingSeverity.Error);
        Assert.Contains("not on this disk", disk.Inspect().Entries[1].Device, StringComparison.Ordinal);
    }

    [Fact]
    public void Mbr_device_means_nothing_on_a_gpt_disk()
    {
        BootDisk disk = BootDisk.Uefi();
        disk[BootDisk.Loader, BcdElementTypes.OsDevice] = DeviceBytes.Mbr((ulong)disk.Layout.WindowsPartition.Offset, 1);
        Expect(disk, "BcdDeviceNotOnDisk", FindingSeverity.Error);
    }

    [Fact]
    public void Default_entry_that_is_not_there_is_an_error()
    {
        BootDisk disk = BootDisk.Uefi();
        disk.Objects.Remove(BootDisk.Loader);
        Only(disk, "BcdDefaultMissing", FindingSeverity.Error);
    }

    [Fact]
    public void Boot_manager_without_default_starts_the_first_of_its_menu()
    {
        BootDisk disk = BootDisk.Uefi();
        disk.Objects[BcdAliases.BootManager].Elements.Remove(BcdElementTypes.DefaultObject);
        Assert.Empty(disk.Inspect().Findings);
        disk.Objects[BcdAliases.BootManager].Elements.Remove(BcdElementTypes.DisplayOrder);
        Only(disk, "BcdDefaultMissing", FindingSeverity.Error);
    }

    [Fact]
    public void Default_entry_of_another_type_is_an_error()
    {
        BootDisk disk = BootDisk.Uefi();
        disk[BcdAliases.BootManager, BcdElementTypes.DefaultObject] = BootDisk.Object(BootDisk.Resume);
        Expect(disk, "BcdDefaultNotALoader", FindingSeverity.Error);
        disk.Objects[BootDisk.Resume] = (BcdObjectTypes.LegacyLoader, []);
        Only(disk, "BcdDefaultIsLegacy", FindingSeverity.Warning);
    }

    [Fact]
    public void Store_without_boot_manager_is_an_error()
    {
        BootDisk disk = BootDisk.Bios();
        disk.Objects.Remove(BcdAliases.BootManager);
        Only(disk, "BcdBootManagerMissing", FindingSeverity.Error);
    }

    [Fact]
    public void Bios_loader_on_a_uefi_disk_is_an_error_and_the_other_way_round()
    {
        BootDisk uefi = BootDisk.Uefi();
        uefi[BootDisk.Loader, BcdElementTypes.ApplicationPath] = BootDisk.Text(@"\Windows\system32\winload.exe");
        Expect(uefi, "BcdLoaderFirmwareMismatch", FindingSeverity.Error);

        BootDisk bios = BootDisk.Bios();
        bios[BootDisk.Loader, BcdElementTypes.ApplicationPath] = BootDisk.Text(@"\Windows\system32\winload.efi");
        Expect(bios, "BcdLoaderFirmwareMismatch", FindingSeverity.Error);
    }

    [Theory]
    [InlineData(@"\Windows\system32\boot\winload.efi")]
    [InlineData(@"\Windows\..\winload.efi")]
    [InlineData("\\Windows\\a\u0001.efi")]
    public void Loader_that_is_not_on_its_partition_is_an_error(string path)
    {
        BootDisk disk = BootDisk.Uefi();
        disk[BootDisk.Loader, BcdElementTypes.ApplicationPath] = BootDisk.Text(path);
        Only(disk, "BcdLoaderFileMissing", FindingSeverity.Error);
    }

    [Fact]
    public void Loader_without_path_device_or_directory_is_an_error()
    {
        foreach ((uint element, string id) in ((uint, string)[])
            [
                (BcdElementTypes.ApplicationPath, "BcdLoaderPathMissing"),
                (BcdElementTypes.SystemRoot, "BcdSystemRootMissing"),
                (BcdElementTypes.ApplicationDevice, "BcdDeviceMissing"),
                (BcdElementTypes.OsDevice, "BcdDeviceMissing"),
            ])
        {
            BootDisk disk = BootDisk.Bios();
            disk.Objects[BootDisk.Loader].Elements.Remove(element);
            Only(disk, id, FindingSeverity.Error);
        }
    }

    [Fact]
    public void Windows_directory_that_is_not_there_is_an_error_and_another_windows_a_warning()
    {
        BootDisk disk = BootDisk.Bios();
        disk[BootDisk.Loader, BcdElementTypes.SystemRoot] = BootDisk.Text(@"\WINNT");
        Only(disk, "BcdSystemRootMissing", FindingSeverity.Error);

        disk = BootDisk.Bios();
        disk.Layout = disk.Layout with { WindowsRoot = @"\Windows.old" };
        Only(disk, "BcdOtherWindows", FindingSeverity.Warning);
    }

    [Fact]
    public void Missing_fallback_loader_is_an_error_under_uefi_by_architecture()
    {
        BootDisk disk = BootDisk.Uefi();
        disk.Volumes[1] = new MemoryVolume((@"\EFI\Microsoft\Boot\bootmgfw.efi", 1500));
        Only(disk, "BcdFallbackLoaderMissing", FindingSeverity.Error);
        Assert.Contains(@"\EFI\Boot\bootx64.efi", disk.Inspect().Findings[0].Message, StringComparison.Ordinal);

        disk.Layout = disk.Layout with { Windows = disk.Layout.Windows with { Architecture = GuestArchitecture.X86 } };
        Assert.Contains(@"\EFI\Boot\bootia32.efi", disk.Inspect().Findings[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fallback_loader_of_another_length_is_a_warning()
    {
        BootDisk disk = BootDisk.Uefi();
        disk.Volumes[1] = new MemoryVolume((@"\EFI\Microsoft\Boot\bootmgfw.efi", 1500), (@"\EFI\Boot\bootx64.efi", 900));
        Only(disk, "BcdFallbackLoaderDiffers", FindingSeverity.Warning);
    }

    [Fact]
    public void Missing_boot_manager_file_is_an_error()
    {
        BootDisk uefi = BootDisk.Uefi();
        uefi.Volumes[1] = new MemoryVolume((@"\EFI\Boot\bootx64.efi", 1500));
        Only(uefi, "BcdBootManagerFileMissing", FindingSeverity.Error);

        BootDisk bios = BootDisk.Bios();
        bios.Volumes[1] = new MemoryVolume();
        Only(bios, "BcdBootManagerFileMissing", FindingSeverity.Error);
    }

    [Fact]
    public void System_partition_must_be_there_and_be_fat_for_uefi()
    {
        BootDisk disk = BootDisk.Uefi();
        PartitionInfo system = disk.Layout.BootPartition! with { FileSystem = "NTFS" };
        disk.Layout = disk.Layout with { BootPartition = system };
        Only(disk, "BcdSystemPartitionNotFat", FindingSeverity.Error);
        disk.Layout = disk.Layout with { BootPartition = null };
        Only(disk, "BcdSystemPartitionMissing", FindingSeverity.Error);
    }

    [Fact]
    public void Volumes_that_cannot_be_read_miss_no_file()
    {
        BootDisk disk = BootDisk.Uefi();
        disk.Volumes.Clear();
        Assert.Empty(disk.Inspect().Findings);
    }

    [Fact]
    public void Pending_resume_is_a_warning()
    {
        BootDisk disk = BootDisk.Uefi();
        disk[BcdAliases.BootManager, BcdElementTypes.AttemptResume] = [1];
        Only(disk, "BcdResumePending", FindingSeverity.Warning);
    }

    [Fact]
    public void Boot_and_locate_devices_are_right_on_any_disk()
    {
        BootDisk disk = BootDisk.Bios();
        disk.Layout = disk.Layout with { DiskSignature = 1, BootPartition = disk.Layout.WindowsPartition };
        disk.Volumes[2] = new MemoryVolume(
            (@"\bootmgr", 1), (@"\Windows\System32\winload.exe", 1), (@"\Windows\System32\config\SYSTEM", 1));
        foreach (byte[] device in (byte[][])[DeviceBytes.Boot(), DeviceBytes.Locate()])
        {
            foreach (Guid id in (Guid[])[BootDisk.Loader, BootDisk.Resume, BcdAliases.BootManager])
            {
                disk[id, BcdElementTypes.ApplicationDevice] = device;
                disk[id, BcdElementTypes.OsDevice] = device;
            }

            Assert.Empty(disk.Inspect().Findings);
        }
    }

    [Fact]
    public void Virtual_disk_boot_is_told_and_its_file_is_looked_for_on_this_disk()
    {
        BootDisk disk = BootDisk.Uefi();
        byte[] record = DeviceBytes.GptRecord(disk.Layout.WindowsPartition.UniqueId!.Value, disk.Layout.DiskId!.Value);
        disk[BootDisk.Loader, BcdElementTypes.OsDevice] = DeviceBytes.VirtualDisk(0x100000, 7, record, @"\a.vhdx");
        Only(disk, "BcdVirtualDiskBoot", FindingSeverity.Warning);
        Assert.Equal(@"virtual disk \a.vhdx on partition 3 (Windows)", disk.Inspect().Entries[1].OsDevice);
    }

    [Fact]
    public void Device_in_an_unknown_layout_is_a_warning()
    {
        BootDisk disk = BootDisk.Uefi();
        disk[BootDisk.Loader, BcdElementTypes.OsDevice] = [1, 2, 3];
        Only(disk, "BcdDeviceUnknown", FindingSeverity.Warning);
    }

    [Theory]
    [InlineData(BcdElementTypes.GraphicsModeDisabled, "01", "BcdGraphicsModeDisabled")]
    [InlineData(BcdElementTypes.TestSigning, "01", "BcdTestSigning")]
    [InlineData(BcdElementTypes.TestSigningOfLoader, "01", "BcdTestSigning")]
    [InlineData(BcdElementTypes.NoIntegrityChecks, "01", "BcdNoIntegrityChecks")]
    [InlineData(BcdElementTypes.SafeBoot, "0000000000000000", "BcdSafeBoot")]
    [InlineData(BcdElementTypes.UsePlatformClock, "01", "BcdUsePlatformClock")]
    [InlineData(BcdElementTypes.HypervisorLaunchType, "0100000000000000", "BcdHypervisorLaunch")]
    [InlineData(BcdElementTypes.ProcessorCount, "0200000000000000", "BcdProcessorsLimited")]
    [InlineData(BcdElementTypes.MessageInterrupts, "0100000000000000", "BcdMsiDisabled")]
    [InlineData(BcdElementTypes.KernelDebugger, "01", "BcdDebuggerEnabled")]
    [InlineData(BcdElementTypes.Ems, "01", "BcdEmsEnabled")]
    [InlineData(BcdElementTypes.LoadOptions, "41000000", "BcdLoadOptions")]
    public void Settings_that_matter_are_told_also_when_inherited(uint element, string hex, string id)
    {
        foreach (Guid holder in (Guid[])[BootDisk.Loader, BootDisk.LoaderSettings, BootDisk.GlobalSettings])
        {
            BootDisk disk = BootDisk.Uefi();
            disk[holder, element] = Convert.FromHexString(hex);
            Assert.Equal([id], disk.Inspect().Findings.Select(finding => finding.Id));
        }
    }

    [Fact]
    public void Settings_that_are_off_are_not_told_and_the_loaders_own_value_wins()
    {
        BootDisk disk = BootDisk.Uefi();
        disk[BootDisk.Loader, BcdElementTypes.HypervisorLaunchType] = [0];
        disk[BootDisk.Loader, BcdElementTypes.TestSigning] = [0];
        disk[BootDisk.LoaderSettings, BcdElementTypes.TestSigning] = [1];
        Assert.Empty(disk.Inspect().Findings);
    }

    [Fact]
    public void Objects_that_inherit_from_each_other_end()
    {
        BootDisk disk = BootDisk.Uefi();
        disk[BootDisk.GlobalSettings, BcdElementTypes.Inherit] = BootDisk.List(BootDisk.LoaderSettings, BootDisk.Loader, BootDisk.GlobalSettings);
        Assert.Empty(disk.Inspect().Findings);
    }

    private static void Only(BootDisk disk, string id, FindingSeverity severity)
    {
        BcdFinding finding = Assert.Single(disk.Inspect().Findings);
        Assert.Equal((id, severity), (finding.Id, finding.Severity));
    }

    private static void Expect(BootDisk disk, string id, FindingSeverity severity) =>
        Assert.Contains(disk.Inspect().Findings, finding => finding.Id == id && finding.Severity == severity);
}
