using System.Buffers.Binary;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Registry;
using Hyper2Kvm.Unit.Registry;

namespace Hyper2Kvm.Unit.Guest;

public sealed class FirstStartWarningsTests
{
    private const string Set = "ControlSet001";
    private const uint Signature = 0x11223344;

    private readonly Hive _system = TestHive.Empty();
    private readonly Hive _software = TestHive.Empty();

    public FirstStartWarningsTests()
    {
        Dword(_system, "Select", "Current", 1);
        Dword(_system, "Select", "Default", 1);
        _system.Root.Create(Set, TestHive.Now);
        Letter('C', Signature);
    }

    [Fact]
    public void Ordinary_settings_give_no_warning()
    {
        Dword(_system, "Select", "LastKnownGood", 1);
        Multi($@"{Set}\Control\Session Manager\Memory Management", "PagingFiles", @"C:\pagefile.sys 0 0", @"?:\pagefile.sys");
        Multi($@"{Set}\Control\Session Manager", "PendingFileRenameOperations");
        Text($@"{Set}\Control\CrashControl", "DumpFile", @"%SystemRoot%\MEMORY.DMP");
        Dword(_system, $@"{Set}\Control\Lsa", "LsaCfgFlags", 0);
        Dword(_system, $@"{Set}\Services\mountmgr", "NoAutoMount", 0);
        Assert.Empty(Find(isServer: true));
    }

    [Theory]
    [InlineData(true, null, true)]
    [InlineData(false, null, false)]
    [InlineData(true, 1u, false)]
    [InlineData(true, 3u, true)]
    public void Data_disks_that_the_san_policy_may_keep_offline_are_told(bool isServer, uint? policy, bool told)
    {
        Letter('E', 0x55667788);
        if (policy is { } number)
        {
            Dword(_system, $@"{Set}\Services\partmgr\Parameters", "SanPolicy", number);
        }

        Told(told, "The drive letters E: are on other disks", isServer);
    }

    [Theory]
    [InlineData(@"E:\pagefile.sys 0 0", true)]
    [InlineData(@"e:\pagefile.sys", true)]
    [InlineData(@"C:\pagefile.sys", false)]
    public void A_page_file_on_a_missing_disk_is_told(string page, bool told)
    {
        Letter('E', 0x55667788);
        Multi($@"{Set}\Control\Session Manager\Memory Management", "PagingFiles", page);
        Told(told, "A page file is on another disk: ");
    }

    [Fact]
    public void What_a_terminal_would_act_on_is_escaped()
    {
        Letter('E', 0x55667788);
        Multi($@"{Set}\Control\Session Manager\Memory Management", "PagingFiles", "E:\\\u001b[2Jpagefile.sys");
        Text($@"{Set}\Control\CrashControl", "DumpFile", "E:\\\u001b[2Jdump");
        Assert.DoesNotContain(Find(isServer: false), warning => warning.Message.Contains('\u001b', StringComparison.Ordinal));
        Told(true, "A page file is on another disk: ");
    }

    [Theory]
    [InlineData("DumpFile", @"E:\MEMORY.DMP", true)]
    [InlineData("DedicatedDumpFile", @"e:\dump.sys", true)]
    [InlineData("MinidumpDir", @"E:\Minidump", true)]
    [InlineData("DedicatedDumpFile", @"C:\dump.sys", false)]
    public void Crash_dumps_on_a_missing_disk_are_told(string name, string path, bool told)
    {
        Letter('E', 0x55667788);
        Text($@"{Set}\Control\CrashControl", name, path);
        Told(told, "Crash dumps go to another disk: ");
    }

    [Fact]
    public void Pending_renames_are_told()
    {
        Multi($@"{Set}\Control\Session Manager", "PendingFileRenameOperations", @"\??\C:\Windows\Temp\a.tmp", "");
        Told(true, "Files wait to be renamed or deleted");
    }

    [Theory]
    [InlineData("PendingFileRenameOperations")]
    [InlineData("PendingFileRenameOperations2")]
    public void Pending_renames_of_drivers_are_named_whatever_is_deleted_before_them(string name)
    {
        Multi(
            $@"{Set}\Control\Session Manager", name,
            @"\??\C:\Windows\Temp\a.tmp", "", @"\??\C:\Windows\Temp\b.tmp", @"!\??\C:\Windows\system32\DRIVERS\viostor.sys");
        Told(true, "Drivers are among them (viostor.sys)");
    }

    [Fact]
    public void A_restart_for_Windows_Update_is_told()
    {
        _software.Root.Create(@"Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\RebootRequired", TestHive.Now);
        Told(true, "Windows Update waits for a restart");
    }

    [Theory]
    [InlineData(2, true, true)]
    [InlineData(2, false, false)]
    [InlineData(1, true, false)]
    [InlineData(0, true, false)]
    public void A_last_known_good_set_that_only_storage_edits_change_is_told(uint number, bool exists, bool told)
    {
        Dword(_system, "Select", "LastKnownGood", number);
        if (exists)
        {
            _system.Root.Create("ControlSet002", TestHive.Now);
        }

        Told(told, "'Last known good configuration' is ControlSet002");
    }

    [Fact]
    public void A_drive_letter_of_Windows_that_another_partition_has_is_told()
    {
        Letter('C', 0x99999999);
        Told(true, "Windows was installed as C:, but");
    }

    [Fact]
    public void New_volumes_without_letters_are_told()
    {
        Dword(_system, $@"{Set}\Services\mountmgr", "NoAutoMount", 1);
        Told(true, "NoAutoMount");
    }

    [Theory]
    [InlineData(false, Set + @"\Control\Lsa", "LsaCfgFlags", "Credential Guard is on")]
    [InlineData(false, Set + @"\Control\DeviceGuard\Scenarios\CredentialGuard", "Enabled", "Credential Guard is on")]
    [InlineData(true, @"Policies\Microsoft\Windows\DeviceGuard", "LsaCfgFlags", "Credential Guard is on")]
    [InlineData(false, Set + @"\Control\DeviceGuard\Scenarios\SystemGuard", "Enabled", "Virtualization-based security is on")]
    [InlineData(true, @"Policies\Microsoft\Windows\DeviceGuard", "HypervisorEnforcedCodeIntegrity", "Virtualization-based security is on")]
    [InlineData(false, Set + @"\Control\DeviceGuard", "EnableVirtualizationBasedSecurity", "Virtualization-based security is on")]
    [InlineData(false, Set + @"\Control\DeviceGuard\Scenarios\HypervisorEnforcedCodeIntegrity", "Enabled", "Virtualization-based security is on")]
    [InlineData(true, @"Policies\Microsoft\Windows\DeviceGuard", "EnableVirtualizationBasedSecurity", "Virtualization-based security is on")]
    public void Isolation_by_virtualization_is_told_wherever_it_is_set(bool inSoftware, string key, string name, string warning)
    {
        Dword(inSoftware ? _software : _system, key, name, 1);
        Told(true, warning);
    }

    [Theory]
    [InlineData(false, Set + @"\Control\DeviceGuard", "Locked", 1u, true)]
    [InlineData(false, Set + @"\Control\DeviceGuard\Scenarios\HypervisorEnforcedCodeIntegrity", "Locked", 1u, true)]
    [InlineData(false, Set + @"\Control\Lsa", "LsaCfgFlags", 1u, true)]
    [InlineData(false, Set + @"\Control\Lsa", "LsaCfgFlags", 2u, false)]
    [InlineData(true, @"Policies\Microsoft\Windows\DeviceGuard", "HypervisorEnforcedCodeIntegrity", 1u, true)]
    [InlineData(true, @"Policies\Microsoft\Windows\DeviceGuard", "HypervisorEnforcedCodeIntegrity", 2u, false)]
    public void A_lock_in_the_firmware_is_told(bool inSoftware, string key, string name, uint value, bool told)
    {
        Dword(_system, $@"{Set}\Control\DeviceGuard", "EnableVirtualizationBasedSecurity", 1);
        Dword(inSoftware ? _software : _system, key, name, value);
        Told(told, "locked in the firmware");
    }

    [Fact]
    public void Policies_that_are_not_configured_turn_nothing_on()
    {
        Dword(_software, @"Policies\Microsoft\Windows\DeviceGuard", "HypervisorEnforcedCodeIntegrity", 3);
        Dword(_software, @"Policies\Microsoft\Windows\DeviceGuard", "LsaCfgFlags", 3);
        Assert.Empty(Find(isServer: false));
    }

    [Fact]
    public void Isolation_without_which_Windows_does_not_start_is_told()
    {
        Dword(_system, $@"{Set}\Control\DeviceGuard", "EnableVirtualizationBasedSecurity", 1);
        Dword(_system, $@"{Set}\Control\DeviceGuard", "Mandatory", 1);
        Told(true, "security is mandatory");
    }

    [Theory]
    [InlineData("hidinterrupt.inf", true)]
    [InlineData("processor.inf", false)]
    public void The_claim_of_hidinterrupt_on_processors_is_told(string inf, bool told)
    {
        Dword(_system, @"DriverDatabase\DeviceIds\ACPI\ACPI0010", inf, 0);
        Told(told, "hidinterrupt.inf claims ACPI0010");
    }

    [Theory]
    [InlineData("intelppm", 1u, true)]
    [InlineData("intelppm", 4u, false)]
    [InlineData("cdrom", 1u, false)]
    public void Drivers_of_the_old_processor_are_told(string driver, uint start, bool told)
    {
        Dword(_system, $@"{Set}\Services\{driver}", "Start", start);
        Assert.Equal(told, OldHardware.Warnings(SystemHiveFacts.Read(_system, "SYSTEM")).Any(warning => warning.Message.Contains(driver, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("ACPI_HAL", "acpiapic_mp", "")]
    [InlineData("ACPI_HAL", "acpipic_up", "single processor")]
    [InlineData("ACPI_HAL", "acpiapic_up", "single processor")]
    [InlineData("PCI_HAL", "e_isa_up", "no ACPI")]
    [InlineData("PCI_HAL", "mps_mp", "no ACPI")]
    public void A_HAL_that_does_not_fit_is_told(string device, string id, string told)
    {
        Multi($@"{Set}\Enum\Root\{device}\0000", "HardwareID", id);
        LayoutWarning[] warnings = [.. OldHardware.Warnings(SystemHiveFacts.Read(_system, "SYSTEM"))];
        Assert.Equal(told.Length == 0 ? 0 : 1, warnings.Length);
        Assert.All(warnings, warning => Assert.Contains(told, warning.Message, StringComparison.Ordinal));
    }

    private void Told(bool told, string start, bool isServer = false) =>
        Assert.Equal(told ? 1 : 0, Find(isServer).Count(warning => warning.Message.Contains(start, StringComparison.Ordinal)));

    private LayoutWarning[] Find(bool isServer)
    {
        PartitionInfo windows = new() { Number = 1, Offset = 1 << 20, Size = 1 << 30, TypeId = "0x07" };
        return [.. new FirstStartWarnings(_system, _software, SystemHiveFacts.Read(_system, "SYSTEM"), MountedDevices.Read(_system))
            .Find([windows], windows, Signature, isServer)];
    }

    /// <summary>A letter of the partition at 1 MiB of the disk with this signature.</summary>
    private void Letter(char letter, uint signature)
    {
        byte[] data = new byte[12];
        BinaryPrimitives.WriteUInt32LittleEndian(data, signature);
        BinaryPrimitives.WriteUInt64LittleEndian(data.AsSpan(4), 1 << 20);
        _system.Root.Create("MountedDevices", TestHive.Now).SetValue($@"\DosDevices\{letter}:", HiveValueType.Binary, data, TestHive.Now);
    }

    private void Text(string key, string name, string value) =>
        _system.Root.Create(key, TestHive.Now).SetValue(name, HiveValueType.String, TestHive.Text(value + '\0'), TestHive.Now);

    private void Multi(string key, string name, params string[] values) => _system.Root.Create(key, TestHive.Now).SetValue(
        name, HiveValueType.MultiString, TestHive.Text(string.Concat(values.Select(value => value + '\0')) + '\0'), TestHive.Now);

    private static void Dword(Hive hive, string key, string name, uint value)
    {
        byte[] data = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(data, value);
        hive.Root.Create(key, TestHive.Now).SetValue(name, HiveValueType.Dword, data, TestHive.Now);
    }
}
