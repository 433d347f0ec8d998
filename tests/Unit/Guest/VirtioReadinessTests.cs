using System.Text;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Registry;
using Hyper2Kvm.Unit.Domains;
using Hyper2Kvm.Unit.Registry;

namespace Hyper2Kvm.Unit.Guest;

/// <summary>What a disk says before and after the bootstrap boot, on hives made by hand.</summary>
public class VirtioReadinessTests
{
    private const string Device = @"ControlSet001\Enum\PCI\VEN_1AF4&DEV_1042&SUBSYS_11001AF4&REV_01\3&11583659&0&10";

    /// <summary>Of all keys, as TestHive writes them.</summary>
    private static readonly DateTime s_edit = TestHive.Now;

    [Fact]
    public void Registered_drivers_are_ready_before_Windows_has_run()
    {
        IReadOnlyList<ReadinessCheck> checks = Checks(Registered());

        Assert.Equal(["viostor"], VirtioReadiness.ReadyDrivers(checks));
        Assert.False(Check(checks, "DeviceInstalled").IsRequired);
    }

    [Fact]
    public void A_Windows_that_has_run_on_KVM_without_the_device_is_not_ready()
    {
        NetworkHive hive = Registered().Text(@"ControlSet001\Enum\PCI\VEN_8086&DEV_2922&SUBSYS_11001AF4&REV_02\3&1&0&FA", "Service", "storahci");

        Assert.Equal(["viostor"], VirtioReadiness.ReadyDrivers(Checks(Shutdown(hive, s_edit.AddHours(-1)))));
        IReadOnlyList<ReadinessCheck> after = Checks(Shutdown(hive, s_edit.AddHours(1)));
        Assert.Empty(VirtioReadiness.ReadyDrivers(after));
        Assert.Contains("dummy disk", Check(after, "DeviceInstalled").Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_has_run_elsewhere_since_is_as_ready_as_before()
    {
        NetworkHive hive = Registered().Text(@"ControlSet001\Enum\PCI\VEN_15AD&DEV_07C0&SUBSYS_07C015AD&REV_02\1", "Service", "pvscsi");

        Assert.Equal(["viostor"], VirtioReadiness.ReadyDrivers(Checks(Shutdown(hive, s_edit.AddHours(1)))));
    }

    [Theory]
    [InlineData(0u, true, "oem7.inf 100.95.104.26200")]
    [InlineData(1u, false, "disabled")]
    [InlineData(0x40u, false, "installation failed")]
    public void What_PnP_made_of_the_device_decides(uint flags, bool isReady, string evidence)
    {
        NetworkHive hive = Shutdown(Registered(), s_edit.AddHours(1));
        hive.Text(Device, "Service", "viostor").Dword(Device, "ConfigFlags", flags);
        hive.Text(Device, "Driver", @"{4d36e97b-e325-11ce-bfc1-08002be10318}\0003");
        hive.Text(@"ControlSet001\Control\Class\{4d36e97b-e325-11ce-bfc1-08002be10318}\0003", "InfPath", "oem7.inf");
        hive.Text(@"ControlSet001\Control\Class\{4d36e97b-e325-11ce-bfc1-08002be10318}\0003", "DriverVersion", "100.95.104.26200");

        IReadOnlyList<ReadinessCheck> checks = Checks(hive);

        Assert.Equal(isReady, VirtioReadiness.ReadyDrivers(checks).Contains("viostor"));
        ReadinessCheck check = Check(checks, "DeviceInstalled");
        Assert.Equal((true, isReady), (check.IsRequired, check.Passed));
        Assert.Contains(evidence, check.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_package_that_the_database_does_not_know_is_told()
    {
        NetworkHive hive = Registered().Text(Device, "Service", "viostor").Text(Device, "Driver", @"{4d36e97b-e325-11ce-bfc1-08002be10318}\0003");
        hive.Text(@"ControlSet001\Control\Class\{4d36e97b-e325-11ce-bfc1-08002be10318}\0003", "InfPath", "oem99.inf");

        Assert.Contains("oem99.inf", Check(Checks(hive), "DeviceInstalled").Evidence, StringComparison.Ordinal);
        Assert.Contains("does not know", Check(Checks(hive), "DeviceInstalled").Evidence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Start", 3u)]
    [InlineData("StartOverride", 3u)]
    public void What_Windows_switched_off_at_the_bootstrap_boot_is_seen(string what, uint value)
    {
        NetworkHive hive = Registered();
        hive.Dword(@"ControlSet001\Services\viostor" + (what == "Start" ? "" : @"\StartOverride"), what == "Start" ? what : "0", value);

        Assert.Empty(VirtioReadiness.ReadyDrivers(Checks(hive)));
    }

    [Fact]
    public void Another_service_that_the_device_is_bound_to_counts()
    {
        NetworkHive hive = new();
        Register(hive, "vrtioblk", "VEN_1AF4&DEV_1001", "VEN_1AF4&DEV_1042");

        Assert.Equal(["vrtioblk"], VirtioReadiness.ReadyDrivers(Checks(hive, "vrtioblk")));
    }

    [Fact]
    public void Last_known_good_is_looked_at_and_decides_nothing()
    {
        Assert.DoesNotContain(Checks(Registered()), check => check.Id == "LastKnownGood");
        NetworkHive hive = Registered().Dword("Select", "LastKnownGood", 2);
        Assert.DoesNotContain(Checks(hive), check => check.Id == "LastKnownGood");
        hive.Dword(@"ControlSet002\Services\viostor", "Start", 3);

        IReadOnlyList<ReadinessCheck> without = Checks(hive);
        Assert.Equal((false, false), (Check(without, "LastKnownGood").IsRequired, Check(without, "LastKnownGood").Passed));
        Assert.Contains(@"ControlSet002\Services\viostor: Start is 3", Check(without, "LastKnownGood").Evidence, StringComparison.Ordinal);
        Assert.Equal(["viostor"], VirtioReadiness.ReadyDrivers(without));

        Assert.True(Check(Checks(hive.Dword(@"ControlSet002\Services\viostor", "Start", 0)), "LastKnownGood").Passed);
    }

    [Fact]
    public void The_log_tells_what_was_done_last()
    {
        const string Entry = ">>>  [Device Install (Hardware initiated) - PCI\\VEN_1AF4&DEV_1042&SUBSYS_11001AF4&REV_01\\3&1&0&10]\n<<<  [Exit status: {0}]\n";
        string log = string.Format(null, Entry, "SUCCESS") + string.Format(null, Entry, "FAILURE(0x00000490)");

        ReadinessCheck blk = Check(Readiness(Registered(), "viostor", log).LogChecks(), "InstallLog");

        Assert.Equal((false, false, StorageBus.VirtioBlk), (blk.IsRequired, blk.Passed, blk.Bus));
        Assert.Contains("FAILURE(0x00000490)", blk.Evidence, StringComparison.Ordinal);
        Assert.True(Check(Readiness(Registered(), "viostor", string.Format(null, Entry, "SUCCESS")).LogChecks(), "InstallLog").Passed);
        Assert.Contains("is not there", Check(Readiness(Registered(), "viostor", null).LogChecks(), "InstallLog").Evidence, StringComparison.Ordinal);
    }

    /// <summary>viostor as the edits register it.</summary>
    private static NetworkHive Registered() => Register(new NetworkHive(), "viostor", "VEN_1AF4&DEV_1001", "VEN_1AF4&DEV_1042");

    private static NetworkHive Register(NetworkHive hive, string service, params string[] devices)
    {
        hive.Dword("Select", "Current", 1);
        hive.Dword($@"ControlSet001\Services\{service}", "Start", 0);
        hive.Text(@"DriverDatabase\DriverInfFiles\oem7.inf", "Active", "x.inf_amd64_1");
        hive.Text(@"DriverDatabase\DriverPackages\x.inf_amd64_1\Configurations\scsi_inst", "Service", service);
        foreach (string device in devices)
        {
            hive.Binary($@"DriverDatabase\DeviceIds\PCI\{device}", "oem7.inf", "02FF0000");
            hive.Text($@"DriverDatabase\DriverPackages\x.inf_amd64_1\Descriptors\PCI\{device}", "Configuration", "scsi_inst");
        }

        return hive;
    }

    private static NetworkHive Shutdown(NetworkHive hive, DateTime time) =>
        hive.Binary(@"ControlSet001\Control\Windows", "ShutdownTime", Convert.ToHexString(BitConverter.GetBytes(time.ToFileTimeUtc())));

    private static IReadOnlyList<ReadinessCheck> Checks(NetworkHive hive, string driver = "viostor") => Readiness(hive, driver, null).Checks();

    private static VirtioReadiness Readiness(NetworkHive hive, string driver, string? log)
    {
        MemoryVolume volume = new([($@"\Windows\System32\drivers\{driver}.sys", 1)]);
        if (log is not null)
        {
            volume.Add(@"\Windows\INF\setupapi.dev.log", Encoding.ASCII.GetBytes(log));
        }

        return new VirtioReadiness(hive.System, SystemHiveFacts.Read(hive.System, "SYSTEM"), Guests.Version(10, 0, 20348), volume, @"\Windows");
    }

    private static ReadinessCheck Check(IReadOnlyList<ReadinessCheck> checks, string id) => checks.First(check => check.Id == id);
}
