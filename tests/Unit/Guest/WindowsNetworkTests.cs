using Hyper2Kvm.Binary;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Registry;
using Hyper2Kvm.Unit.Domains;
using Hyper2Kvm.Unit.Registry;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Guest;

public class WindowsNetworkTests
{
    private const string Xp = "hive-system/xp-sp3-x86-virtualpc-IECOMPATVHD.SYSTEM.gz";
    private const string Windows7 = "hive-system/win7sp1-x86-vmware-WIN732BITA.SYSTEM.gz";
    private const string Windows1709 = "hive-system/win10-1709-x64-dell-DESKTOP-PM6C56D-dirty.SYSTEM.gz";
    private const string Windows1903 = "hive-system/win10-1903-x64-vmware-DESKTOP-2KGM189-dirty.SYSTEM.gz";

    private static readonly Guid s_first = new("11111111-0000-0000-0000-000000000001");
    private static readonly Guid s_second = new("11111111-0000-0000-0000-000000000002");

    [Fact]
    public void A_static_adapter_is_read_with_all_its_addresses()
    {
        NetworkHive hive = new NetworkHive()
            .Add(1, s_first, "Büro", @"PCI\VEN_15AD&DEV_07B0&SUBSYS_07B015AD&REV_01\005056FFFF12345600", NetworkHive.Boot)
            .Static(s_first, ["10.1.0.5", "0.0.0.0", "10.2.0.5"], ["255.255.0.0", "0.0.0.0", "255.255.255.128"], ["10.1.0.1", "10.1.0.2"], "10.1.0.9,10.1.0.8");
        hive.Multi(NetworkHive.Interface(s_first), "DefaultGatewayMetric", "0", "20");
        hive.Dword(NetworkHive.Interface(s_first), "InterfaceMetric", 15).Dword(NetworkHive.Interface(s_first), "MTU", 9000);
        hive.Text(NetworkHive.Interface(s_first), "Domain", "büro.example").Dword(NetworkHive.Interface(s_first), "RegistrationEnabled", 0);
        hive.Multi($@"ControlSet001\Services\NetBT\Parameters\Interfaces\Tcpip_{s_first:B}", "NameServerList", "10.1.0.7");
        hive.Dword($@"ControlSet001\Services\NetBT\Parameters\Interfaces\Tcpip_{s_first:B}", "NetbiosOptions", 2);

        NetworkAdapter adapter = Assert.Single(hive.Read().Adapters);

        Assert.Equal("Büro", adapter.Name);
        Assert.Equal("00:50:56:12:34:56", adapter.MacAddress);
        Assert.Equal(NetworkAdapterState.Live, adapter.State);
        Assert.False(adapter.UsesDhcp);
        Assert.Equal([new NetworkAddress("10.1.0.5", 16), new NetworkAddress("10.2.0.5", 25)], adapter.Addresses);
        Assert.Equal([new NetworkGateway("10.1.0.1", null), new NetworkGateway("10.1.0.2", 20)], adapter.Gateways);
        Assert.Equal(["10.1.0.9", "10.1.0.8"], adapter.DnsServers);
        Assert.Equal(["10.1.0.7"], adapter.WinsServers);
        Assert.Equal((15, 9000, 2, false), (adapter.InterfaceMetric, adapter.Mtu, adapter.NetbiosOption, adapter.RegistersInDns));
        Assert.Equal("büro.example", adapter.DnsSuffix);
    }

    [Fact]
    public void IPv6_addresses_and_routes_come_from_Nsi()
    {
        string luid = NsiTables.NameOf(NsiTables.LuidOf(0x8001, 6));
        string settings = "FFFFFFFFFFFFFFFF1000000010000000" + "30000000" + new string('F', 48);
        string address = luid + "20010DB8000000000000000000000005";
        string gateway = "00000000" + new string('0', 32) + "00000000" + new string('0', 32) + luid + luid + "20010DB8000000000000000000000001";
        string route = "00000000" + "FD000000000000000000000000000000" + "08000000" + new string('0', 32) + luid + luid + "20010DB8000000000000000000000002";
        const string Module = @"ControlSet001\Control\Nsi\{eb004a01-9b1a-11d4-9123-0050047759bc}";
        NetworkHive hive = new NetworkHive().Add(1, s_first, "LAN", @"PCI\X\1", NetworkHive.Boot);
        hive.Binary($@"{Module}\10", address, settings).Binary($@"{Module}\10", "odd", "00");
        hive.Binary($@"{Module}\16", gateway, new string('F', 96)).Binary($@"{Module}\16", route, new string('F', 24) + "0A000000" + new string('F', 64));

        WindowsNetwork network = hive.Read();

        NetworkAdapter adapter = Assert.Single(network.Adapters);
        Assert.True(adapter.UsesDhcp);
        Assert.Equal([new NetworkAddress("2001:db8::5", 48)], adapter.Addresses);
        Assert.Equal([new NetworkGateway("2001:db8::1", null)], adapter.Gateways);
        Assert.Equal([new NetworkRoute(new NetworkAddress("fd00::", 8), "2001:db8::2", 10, s_first)], network.Routes);
    }

    [Fact]
    public void What_arrived_before_the_last_start_or_was_removed_is_a_ghost()
    {
        NetworkHive hive = new NetworkHive()
            .Add(1, s_first, "old", @"PCI\X\1", NetworkHive.Boot.AddDays(-3))
            .Add(2, s_second, "pulled", @"PCI\X\2", NetworkHive.Boot.AddSeconds(5));
        hive.Date(@"ControlSet001\Enum\PCI\X\2", "0067", NetworkHive.Boot.AddHours(1));

        IReadOnlyList<NetworkAdapter> adapters = hive.Read().Adapters;

        Assert.All(adapters, adapter => Assert.Equal(NetworkAdapterState.Ghost, adapter.State));
        Assert.StartsWith("last seen", adapters[0].StateReason, StringComparison.Ordinal);
        Assert.StartsWith("removed", adapters[1].StateReason, StringComparison.Ordinal);
    }

    [Fact]
    public void Routes_are_read_and_nonsense_is_not()
    {
        const string Routes = @"ControlSet001\Services\Tcpip\Parameters\PersistentRoutes";
        NetworkHive hive = new();
        foreach (string name in (string[])["10.9.0.0,255.255.0.0,10.1.0.254,5", "0.0.0.0,0.0.0.0,10.1.0.1,-1", "a,b,c,d", "10.9.0.0,255.0.255.0,10.1.0.1,1", "; calc.exe"])
        {
            hive.Text(Routes, name, "");
        }

        Assert.Equal([new NetworkRoute(new NetworkAddress("10.9.0.0", 16), "10.1.0.254", 5, null)], hive.Read().Routes);
    }

    [Fact]
    public void Damaged_and_hostile_values_are_left_out()
    {
        NetworkHive hive = new NetworkHive()
            .Add(1, s_first, "'; calc; '", @"PCI\X\1", NetworkHive.Boot)
            .Static(s_first, ["$(calc)", "10.0.0.1", "1.2.3"], ["255.255.255.0", "255.0.255.0"], ["&calc"], "x;y,::1%calc|10.0.0.2");
        hive.Binary($@"ControlSet001\Control\NetworkSetup2\Interfaces\{s_first:B}\Kernel", "PermanentAddress", "0102030405060708");
        hive.Dword(NetworkHive.Interface(s_first), "MTU", uint.MaxValue).Dword(NetworkHive.Interface(s_first), "InterfaceMetric", uint.MaxValue);

        WindowsNetwork network = hive.Read();

        NetworkAdapter adapter = Assert.Single(network.Adapters);
        Assert.Equal("'; calc; '", adapter.Name);
        Assert.Empty(adapter.Addresses);
        Assert.Empty(adapter.Gateways);
        Assert.Empty(adapter.DnsServers);
        Assert.Null(adapter.MacAddress);
        Assert.Null(adapter.Mtu);
        Assert.Null(adapter.InterfaceMetric);
        Assert.Contains(network.Warnings, warning => warning.Contains("10.0.0.1", StringComparison.Ordinal));
    }

    [Fact]
    public void A_member_of_a_team_is_known_as_such()
    {
        NetworkHive hive = new NetworkHive().Add(1, s_first, "a", @"PCI\X\1", NetworkHive.Boot).Add(2, s_second, "team", @"COMPOSITEBUS\MS_IMPLAT_MP\{1}", NetworkHive.Boot);
        hive.Multi($@"ControlSet001\Control\Class\{NetworkHive.Class}\0001\Linkage", "UpperBind", "MsLbfoProvider");
        hive.Text($@"ControlSet001\Control\Class\{NetworkHive.Class}\0002", "ComponentId", "MS_IMPLAT");

        WindowsNetwork network = hive.Read();

        Assert.True(network.Adapters[0].IsEnslaved);
        Assert.Equal(NetworkAdapterKind.Team, network.Adapters[1].Kind);
        Assert.Equal(2, network.Warnings.Count);
    }

    [Theory]
    [InlineData(@"PCI\VEN_8086&DEV_10D3&SUBSYS_07D015AD&REV_00\000C29FFFFF3FFDE00", "00:0C:29:F3:FF:DE")]
    [InlineData(@"PCI\VEN_8086&DEV_100F&SUBSYS_075015AD&REV_01\4&b70f118&0&0888", null)]
    [InlineData(@"VMBUS\{f8615163-df3e-46c5-913f-f2d2f965ed0e}\{000d3a8b-8a5f-000d-3a8b-8a5f000d3a8b}", "00:0D:3A:8B:8A:5F")]
    [InlineData(@"VMBUS\{f8615163-df3e-46c5-913f-f2d2f965ed0e}\{7c2c8a32-5f0e-4b0a-8d8e-3f6b7a4f2a10}", null)]
    [InlineData(@"PCI\VEN_1\010C29FFFFF3FFDE00", null)]
    [InlineData("", null)]
    public void The_address_is_read_from_instance_ids_that_hold_it(string instance, string? mac) =>
        Assert.Equal(mac, InstanceMacAddress.Find(instance));

    [Theory]
    [InlineData("00-0c-29-f3-ff-de", "00:0C:29:F3:FF:DE")]
    [InlineData("000C29F3FFDE", "00:0C:29:F3:FF:DE")]
    [InlineData("000000000000", null)]
    [InlineData("FF:FF:FF:FF:FF:FF", null)]
    [InlineData("00:0C:29:F3:FF", null)]
    [InlineData("0x0C29F3FFDEAA", null)]
    public void Addresses_are_taken_in_the_usual_forms(string text, string? mac) => Assert.Equal(mac, MacAddress.Parse(text));

    [DataFact(Windows1903)]
    public void Windows_10_1903_on_VMware()
    {
        NetworkAdapter adapter = Assert.Single(RealNetwork(Windows1903).Adapters, adapter => adapter.Kind == NetworkAdapterKind.Hardware);

        Assert.Equal(("Ethernet0", "00:0C:29:F3:FF:DE", "NetworkSetup2"), (adapter.Name, adapter.MacAddress, adapter.MacSource));
        Assert.Equal(NetworkAdapterState.Live, adapter.State);
        Assert.True(adapter.UsesDhcp);
        Assert.Equal(new NetworkAddress("192.168.146.128", 24), adapter.DhcpAddress);
    }

    [DataFact(Windows1709)]
    public void Windows_10_1709_on_a_laptop()
    {
        NetworkAdapter[] cards = [.. RealNetwork(Windows1709).Adapters.Where(adapter => adapter.Kind == NetworkAdapterKind.Hardware)];

        Assert.Equal(["Ethernet", "Wi-Fi"], cards.Select(card => card.Name).Order());
        Assert.All(cards, card => Assert.Equal(NetworkAdapterState.Live, card.State));
        Assert.Equal("EC:F4:BB:48:7F:ED", cards.Single(card => card.Name == "Ethernet").MacAddress);
    }

    [DataFact(Windows7)]
    public void Windows_7_with_a_static_adapter_and_a_ghost_of_another()
    {
        WindowsNetwork network = RealNetwork(Windows7);
        NetworkAdapter[] cards = [.. network.Adapters.Where(adapter => adapter.Kind == NetworkAdapterKind.Hardware)];

        NetworkAdapter live = Assert.Single(cards, card => card.State == NetworkAdapterState.Live);
        Assert.Equal(@"PCI\VEN_8086&DEV_100F&SUBSYS_075015AD&REV_01\4&B70F118&0&1888", live.InstanceId, ignoreCase: true);
        Assert.Equal([new NetworkAddress("10.3.58.5", 24)], live.Addresses);
        Assert.Equal([new NetworkGateway("10.3.58.1", null)], live.Gateways);
        Assert.Equal(["10.3.58.4"], live.DnsServers);
        NetworkAdapter ghost = Assert.Single(cards, card => card.State == NetworkAdapterState.Ghost);
        Assert.Equal([new NetworkAddress("192.168.1.123", 24)], ghost.Addresses);
        Assert.Equal(("shieldbase.local", "WKS-WIN732BITA"), (network.DnsDomain, network.HostName));
        Assert.Empty(network.Routes);
    }

    [DataFact(Xp)]
    public void Windows_XP_on_Virtual_PC()
    {
        NetworkAdapter card = Assert.Single(RealNetwork(Xp).Adapters, adapter => adapter.Kind == NetworkAdapterKind.Hardware);

        Assert.Equal("Local Area Connection", card.Name);
        Assert.Equal((true, 0L), (card.UsesDhcp, card.Luid));
        Assert.Equal(new NetworkAddress("192.168.131.67", 24), card.DhcpAddress);
        Assert.Null(card.MacAddress);
    }

    private static WindowsNetwork RealNetwork(string hive) => WindowsNetworkReader.Read(
        Guests.Layout(Guests.Version(10, 0, 18363)), null, "test", HiveTree.Open(RawHive.WithEqualSequenceNumbers(SharedData.Read(hive))), TestHive.Empty());
}
