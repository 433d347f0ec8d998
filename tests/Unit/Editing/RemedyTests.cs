using System.Text.RegularExpressions;
using Hyper2Kvm.Editing;
using Hyper2Kvm.Editing.Actions;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Editing;

/// <summary>A warning that names a remedy is gone once the remedy was applied.</summary>
public sealed class RemedyTests
{
    private const string Set = "ControlSet001";
    private const string DeviceGuard = Set + @"\Control\DeviceGuard";
    private const string Policy = @"Policies\Microsoft\Windows\DeviceGuard";

    private static readonly (string Switch, string Warning, BootPolicyAction Remedy, Action<EditableGuest> Cause)[] s_remedies =
    [
        ("SanPolicy OnlineAll", "policy for new disks", new() { SanPolicy = SanPolicy.OnlineAll }, guest =>
        {
            DataDisk(guest);
            guest.System.SetDword($@"{Set}\Services\partmgr\Parameters", "SanPolicy", 3);
        }),
        ("RestoreDriveLetter", "Windows was installed as C:, but", new() { RestoreDriveLetter = true },
            guest => guest.System.SetBinary("MountedDevices", @"\DosDevices\C:", [0x88, 0x77, 0x66, 0x55, 0, 0, 0x10, 0, 0, 0, 0, 0])),
        ("SystemManagedPageFile", "page file is on another disk", new() { SystemManagedPageFile = true }, guest =>
        {
            DataDisk(guest);
            guest.System.SetMultiString($@"{Set}\Control\Session Manager\Memory Management", "PagingFiles", @"C:\pagefile.sys 0 0", @"E:\pagefile.sys 4096 8192");
        }),
        ("DefaultDumpFile", "Crash dumps go to another disk", new() { DefaultDumpFile = true }, guest =>
        {
            DataDisk(guest);
            guest.System.SetString($@"{Set}\Control\CrashControl", "DumpFile", @"E:\MEMORY.DMP");
            guest.System.SetString($@"{Set}\Control\CrashControl", "DedicatedDumpFile", @"e:\dump.sys");
            guest.System.SetString($@"{Set}\Control\CrashControl", "MinidumpDir", @"E:\Minidump");
        }),
        ("DisableCredentialGuard", "Credential Guard is on", new() { DisableCredentialGuard = true }, guest =>
        {
            guest.System.SetDword($@"{Set}\Control\Lsa", "LsaCfgFlags", 1);
            guest.System.SetDword($@"{DeviceGuard}\Scenarios\CredentialGuard", "Enabled", 1);
            guest.System.SetDword($@"{DeviceGuard}\Scenarios\CredentialGuard", "Locked", 1);
            guest.Software.SetDword(Policy, "LsaCfgFlags", 1);
        }),
        ("DisableVirtualizationBasedSecurity", "Virtualization-based security", new() { DisableVirtualizationBasedSecurity = true }, guest =>
        {
            foreach (string value in (string[])["EnableVirtualizationBasedSecurity", "Locked", "Mandatory", "RequirePlatformSecurityFeatures"])
            {
                guest.System.SetDword(DeviceGuard, value, 1);
            }

            foreach (string scenario in (string[])["HypervisorEnforcedCodeIntegrity", "CredentialGuard", "SystemGuard"])
            {
                guest.System.SetDword($@"{DeviceGuard}\Scenarios\{scenario}", "Enabled", 1);
                guest.System.SetDword($@"{DeviceGuard}\Scenarios\{scenario}", "Locked", 1);
            }

            guest.System.SetDword($@"{Set}\Control\Lsa", "LsaCfgFlags", 1);
            foreach (string value in (string[])["EnableVirtualizationBasedSecurity", "HypervisorEnforcedCodeIntegrity", "LsaCfgFlags"])
            {
                guest.Software.SetDword(Policy, value, 1);
            }
        }),
        ("RemoveHidInterruptClaim", "ACPI0010", new() { RemoveHidInterruptClaim = true },
            guest => guest.System.SetBinary(@"DriverDatabase\DeviceIds\ACPI\ACPI0010", "hidinterrupt.inf", [1, 0xFF, 0, 0])),
        ("DisableProcessorDriver", "Drivers for the processor", new() { DisableProcessorDriver = true },
            guest => guest.System.SetDword($@"{Set}\Services\intelppm", "Start", 1)),
    ];

    public static TheoryData<string> Switches => [.. s_remedies.Select(remedy => remedy.Switch)];

    [Theory]
    [MemberData(nameof(Switches))]
    public void A_warning_is_gone_once_its_remedy_was_applied(string name)
    {
        (_, string warning, BootPolicyAction remedy, Action<EditableGuest> cause) = s_remedies.First(item => item.Switch == name);
        using TempFolder folder = new();
        bool isOld = remedy.DisableProcessorDriver;
        string disk = GenerationGuest.Make(
            folder, new Generation("any", isOld ? 2600 : 20348, !isOld, isOld ? GuestArchitecture.X86 : GuestArchitecture.X64), edit: cause);
        string told = string.Join('\n', Told(disk, warning));
        Assert.Contains($"Set-WindowsBootPolicy -{name}", told, StringComparison.Ordinal);

        GuestEdit edit = Run(disk, remedy);

        Assert.NotEqual(0, edit.BytesChanged);
        Assert.Empty(Told(edit.ImagePath, warning));
        Assert.Equal(0, Run(edit.ImagePath, remedy).BytesChanged);
    }

    [Fact]
    public void No_remedy_is_named_that_is_not_tried_here()
    {
        string code = Path.Combine(Repository.Root, "src", "Hyper2Kvm.Core", "Guest");
        string[] named = [.. Directory.EnumerateFiles(code, "*.cs").SelectMany(file =>
            Regex.Matches(File.ReadAllText(file), "Set-WindowsBootPolicy -(SanPolicy \\w+|\\w+)").Select(match => match.Groups[1].Value)).Distinct()];
        Assert.Equal(s_remedies.Select(remedy => remedy.Switch).Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Credential_guard_goes_alone_and_what_stays_on_is_still_told()
    {
        using TempFolder folder = new();
        string disk = GenerationGuest.Make(folder, new Generation("any", 20348, true, GuestArchitecture.X64), edit: guest =>
        {
            guest.System.SetDword($@"{Set}\Control\Lsa", "LsaCfgFlags", 2);
            guest.System.SetDword(DeviceGuard, "EnableVirtualizationBasedSecurity", 1);
        });
        Assert.Single(Told(disk, "Virtualization-based security with Credential Guard is on"));

        GuestEdit edit = Run(disk, new BootPolicyAction { DisableCredentialGuard = true });

        string warning = Assert.Single(Told(edit.ImagePath, "Virtualization-based security is on"));
        Assert.EndsWith("Set-WindowsBootPolicy -DisableVirtualizationBasedSecurity.", warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sample")]
    [InlineData("win7-bios")]
    public void Windows_gets_its_letter_back_on_GPT_and_MBR_and_has_no_other(string guest)
    {
        using TempFolder folder = new();
        string disk = GenerationGuest.Make(
            folder, guest == "sample" ? new Generation("any", 20348, true, GuestArchitecture.X64) : new Generation("any", 7601, false, GuestArchitecture.X64),
            edit: made =>
            {
                byte[] own = MountedDevices.ValueOf(made.Layout.WindowsPartition, made.Layout.DiskSignature)!;
                made.System.SetBinary("MountedDevices", @"\DosDevices\C:", [0x88, 0x77, 0x66, 0x55, 0, 0, 0x10, 0, 0, 0, 0, 0]);
                made.System.SetBinary("MountedDevices", @"\DosDevices\F:", own);
            });
        Assert.Equal("F:", Plans.Probe(disk).WindowsPartition.DriveLetter);

        GuestEdit edit = Run(disk, new BootPolicyAction { RestoreDriveLetter = true });

        Assert.Equal("C:", Plans.Probe(edit.ImagePath).WindowsPartition.DriveLetter);
        Assert.Contains(edit.Changes, change => change.Kind == GuestChangeKind.ValueDeleted && change.Target == @"HKLM\SYSTEM\MountedDevices\\DosDevices\F:");
    }

    [Theory]
    [InlineData(20348, @"?:\pagefile.sys")]
    [InlineData(2600, @"D:\pagefile.sys 0 0")]
    public void The_page_file_is_what_this_Windows_calls_one_of_its_own_size(int build, string expected)
    {
        using TempFolder folder = new();
        bool isOld = build == 2600;
        string disk = GenerationGuest.Make(folder, new Generation("any", build, !isOld, isOld ? GuestArchitecture.X86 : GuestArchitecture.X64), edit: guest =>
        {
            guest.Software.SetString(@"Microsoft\Windows NT\CurrentVersion", "SystemRoot", @"D:\Windows");
            guest.System.SetMultiString($@"{Set}\Control\Session Manager\Memory Management", "PagingFiles", @"E:\pagefile.sys 768 1536");
            guest.System.SetMultiString($@"{Set}\Control\Session Manager\Memory Management", "ExistingPageFiles", @"\??\E:\pagefile.sys");
        });
        GuestChange change = Assert.Single(Run(disk, new BootPolicyAction { SystemManagedPageFile = true }).Changes);
        Assert.EndsWith(@"\PagingFiles", change.Target, StringComparison.Ordinal);
        Assert.Equal($"REG_MULTI_SZ \"{expected}\"", change.After);
    }

    [Fact]
    public void A_dump_file_goes_back_to_where_set_up_puts_it()
    {
        using TempFolder folder = new();
        string disk = GenerationGuest.Make(folder, new Generation("any", 20348, true, GuestArchitecture.X64), edit: guest =>
        {
            guest.System.SetString($@"{Set}\Control\CrashControl", "DumpFile", @"E:\MEMORY.DMP");
            guest.System.SetString($@"{Set}\Control\CrashControl", "DedicatedDumpFile", @"E:\dump.sys");
        });
        GuestEdit edit = Run(disk, new BootPolicyAction { DefaultDumpFile = true });
        string key = $@"HKLM\SYSTEM\{Set}\Control\CrashControl";
        Assert.Contains(edit.Changes, change => change.Target == $@"{key}\DumpFile" && change.After == "REG_EXPAND_SZ \"%SystemRoot%\\MEMORY.DMP\"");
        Assert.Contains(edit.Changes, change => change.Target == $@"{key}\DedicatedDumpFile" && change.Kind == GuestChangeKind.ValueDeleted);
    }

    /// <summary>A letter that another disk has.</summary>
    private static void DataDisk(EditableGuest guest) =>
        guest.System.SetBinary("MountedDevices", @"\DosDevices\E:", [0x88, 0x77, 0x66, 0x55, 0, 0, 0x10, 0, 0, 0, 0, 0]);

    private static IEnumerable<string> Told(string disk, string warning) =>
        Plans.Probe(disk).Warnings.Select(found => found.Message).Where(text => text.Contains(warning, StringComparison.Ordinal));

    private static GuestEdit Run(string disk, EditAction action) => Plans.Run(
        new GuestEditRequest { Layout = Plans.Probe(disk), ImagePath = disk, Actions = [action] });
}
