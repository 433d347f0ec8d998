using System.Text;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing;
using Hyper2Kvm.Editing.Actions;
using Hyper2Kvm.Unit.Domains;
using Hyper2Kvm.Unit.Guest;

namespace Hyper2Kvm.Unit.Editing;

public class NetworkPlannerTests
{
    private const string Mac = "00:50:56:12:34:56";
    private const string Instance = @"PCI\VEN_15AD&DEV_07B0\005056FFFF12345600";

    private static readonly Guid s_first = new("11111111-0000-0000-0000-000000000001");
    private static readonly Guid s_second = new("11111111-0000-0000-0000-000000000002");

    [Fact]
    public void A_static_address_is_kept_where_its_card_is_known()
    {
        NetworkPlan plan = NetworkPlanner.Plan(Guest().Read(), new NetworkRequest { Policy = NetworkPolicy.Preserve });

        AdapterSettings settings = Assert.Single(plan.Settings);
        Assert.Equal((Mac, "LAN", false), (settings.MacAddress, settings.Name, settings.UsesDhcp));
        Assert.Equal([new NetworkAddress("10.1.0.5", 16)], settings.Addresses);
        Assert.Contains("V4 = @('10.1.0.5 255.255.0.0')", Script(plan), StringComparison.Ordinal);
        Assert.Contains("Mac = '00:50:56:12:34:56'", Script(plan), StringComparison.Ordinal);
        Assert.Empty(plan.Warnings);
    }

    [Fact]
    public void Without_a_safe_binding_DHCP_stays_and_it_is_said()
    {
        WindowsNetwork unknown = Guest(@"PCI\VEN_8086&DEV_100F\4&b70f118&0&0888").Read();

        NetworkPlan plan = NetworkPlanner.Plan(unknown, new NetworkRequest { Policy = NetworkPolicy.Preserve, RemoveGhostAdapters = true });

        Assert.Empty(plan.Settings);
        Assert.Contains("DHCP is used", Assert.Single(plan.Warnings), StringComparison.Ordinal);
        Assert.Empty(Assert.Single(plan.Actions.OfType<RemoveAdaptersAction>()).Adapters);
        Assert.Empty(plan.Actions.OfType<FirstBootAction>());
    }

    [Fact]
    public void A_card_that_the_machine_does_not_have_gets_nothing()
    {
        NetworkPlan plan = NetworkPlanner.Plan(
            Guest().Read(), new NetworkRequest { Policy = NetworkPolicy.Preserve, MacAddresses = ["52-54-00-00-00-01"] });

        Assert.Empty(plan.Settings);
        Assert.Contains(Mac, Assert.Single(plan.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void The_one_card_left_is_that_of_the_one_adapter_left()
    {
        NetworkHive hive = Guest().Add(2, s_second, "old card", @"PCI\VEN_8086&DEV_100F\4&b70f118&0&0888", NetworkHive.Boot);

        NetworkPlan two = NetworkPlanner.Plan(
            hive.Read(), new NetworkRequest { Policy = NetworkPolicy.Preserve, MacAddresses = [Mac, "525400000001"] });
        NetworkPlan three = NetworkPlanner.Plan(
            hive.Read(), new NetworkRequest { Policy = NetworkPolicy.Preserve, MacAddresses = [Mac, "525400000001", "525400000002"] });

        Assert.Equal([Mac, "52:54:00:00:00:01"], two.Settings.Select(one => one.MacAddress));
        Assert.Equal([Mac], three.Settings.Select(one => one.MacAddress));
        Assert.Single(three.Warnings);
    }

    [Fact]
    public void The_user_may_say_which_card_it_is()
    {
        WindowsNetwork network = Guest(@"PCI\VEN_8086&DEV_100F\4&b70f118&0&0888").Read();
        NetworkRequest request = new() { Policy = NetworkPolicy.Preserve, AdapterMacs = new Dictionary<string, string> { ["lan"] = "52:54:00:00:00:01" } };

        Assert.Equal("52:54:00:00:00:01", Assert.Single(NetworkPlanner.Plan(network, request).Settings).MacAddress);
        Assert.Equal("NetworkAdapterNotFound", Refused(network, request with { AdapterMacs = new Dictionary<string, string> { ["WAN"] = Mac } }));
        Assert.Equal("NetworkMacInvalid", Refused(network, request with { MacAddresses = ["01:00:5E:00:00:01"] }));
    }

    [Fact]
    public void Two_adapters_with_one_address_get_nothing()
    {
        NetworkPlan plan = NetworkPlanner.Plan(
            Guest().Add(2, s_second, "twin", Instance.Replace("07B0", "07B1", StringComparison.Ordinal), NetworkHive.Boot).Read(),
            new NetworkRequest { Policy = NetworkPolicy.Preserve });

        Assert.Empty(plan.Settings);
        Assert.Single(plan.Warnings);
    }

    [Fact]
    public void Members_of_a_team_are_neither_bound_nor_removed()
    {
        NetworkHive hive = Guest();
        hive.Multi($@"ControlSet001\Control\Class\{NetworkHive.Class}\0001\Linkage", "UpperBind", "MsLbfoProvider");
        WindowsNetwork network = hive.Read();

        NetworkPlan plan = NetworkPlanner.Plan(network, new NetworkRequest { Policy = NetworkPolicy.Preserve, RemoveGhostAdapters = true });

        Assert.Empty(plan.Settings);
        Assert.Empty(Assert.Single(plan.Actions.OfType<RemoveAdaptersAction>()).Adapters);
        Assert.NotEmpty(network.Warnings);
    }

    [Fact]
    public void Two_cards_in_one_network_keep_their_own_addresses_and_a_DHCP_card_its_own_name_servers()
    {
        NetworkHive hive = Guest()
            .Add(2, s_second, "LAN 2", Instance.Replace("123456", "123457", StringComparison.Ordinal), NetworkHive.Boot)
            .Static(s_second, ["10.1.0.6"], ["255.255.0.0"], []);
        hive.Dword(NetworkHive.Interface(s_first), "EnableDHCP", 1);

        string script = Script(NetworkPlanner.Plan(hive.Read(), new NetworkRequest { Policy = NetworkPolicy.Preserve }));

        Assert.Contains("Dhcp = $true", script, StringComparison.Ordinal);
        Assert.Contains("V4 = @()", script, StringComparison.Ordinal);
        Assert.Contains("V4 = @('10.1.0.6 255.255.0.0')", script, StringComparison.Ordinal);
        Assert.Contains("Dns4 = @('10.1.0.9')", script, StringComparison.Ordinal);
    }

    [Fact]
    public void Ghosts_alone_are_removed_without_a_policy()
    {
        NetworkHive hive = Guest().Add(2, s_second, "gone", @"PCI\X\2", NetworkHive.Boot.AddDays(-30));

        NetworkPlan plan = NetworkPlanner.Plan(hive.Read(), new NetworkRequest { RemoveGhostAdapters = true });

        Assert.Equal([s_second], Assert.IsType<RemoveAdaptersAction>(Assert.Single(plan.Actions)).Adapters);
    }

    [Fact]
    public void With_a_policy_the_old_card_goes_as_well_once_its_settings_are_carried_over()
    {
        NetworkPlan plan = NetworkPlanner.Plan(Guest().Read(), new NetworkRequest { Policy = NetworkPolicy.Preserve, RemoveGhostAdapters = true });

        Assert.Equal([s_first], Assert.Single(plan.Actions.OfType<RemoveAdaptersAction>()).Adapters);
        Assert.Equal(["RemoveAdapters", "NetworkPrompt", "FirstBoot-network"], plan.Actions.Select(action => action.Step));
    }

    [Fact]
    public void A_card_that_is_not_there_yet_is_waited_for_and_settings_are_not_set_for_ever()
    {
        string script = Script(NetworkPlanner.Plan(Guest().Read(), new NetworkRequest { Policy = NetworkPolicy.Preserve }));

        Assert.Contains("exit 1237", script, StringComparison.Ordinal);
        Assert.Contains("if %LATER% GEQ 5 goto succeeded", FirstBootRunner.Script, StringComparison.Ordinal);
        Assert.Contains("if exist \"%FOLDER%\\done\" exit /b 0", FirstBootRunner.Script, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_asked_for_is_an_error_and_XP_gets_only_DHCP()
    {
        WindowsNetwork network = Guest().Read();
        WindowsNetwork xp = network with { Layout = Guests.Layout(Guests.Version(5, 1, 2600)) };

        Assert.Equal("NetworkPolicyMissing", Refused(network, new NetworkRequest()));
        Assert.Equal("NetworkPolicyWindowsTooOld", Refused(xp, new NetworkRequest { Policy = NetworkPolicy.Preserve }));
        Assert.Equal(["DhcpAdapters"], NetworkPlanner.Plan(xp, new NetworkRequest { Policy = NetworkPolicy.Dhcp }).Actions.Select(action => action.Step));
    }

    [Theory]
    [InlineData("'; calc; '")]
    [InlineData("$(calc)")]
    [InlineData("\u2019; calc; \u2019")]
    public void Names_from_the_guest_are_literals(string name)
    {
        NetworkHive hive = Guest();
        hive.Text($@"ControlSet001\Control\Network\{NetworkHive.Network}\{s_first:B}\Connection", "Name", name);

        string script = Script(NetworkPlanner.Plan(hive.Read(), new NetworkRequest { Policy = NetworkPolicy.Preserve }));

        string doubled = string.Concat(name.Select(c => c is '\'' or '\u2019' ? $"{c}{c}" : $"{c}"));
        Assert.Contains($"Name = '{doubled}'\n", script.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a\"b")]
    [InlineData("a\nb")]
    [InlineData("a|b")]
    [InlineData(" a")]
    public void Names_that_netsh_would_take_apart_are_not_carried_over(string name)
    {
        NetworkHive hive = Guest();
        hive.Text($@"ControlSet001\Control\Network\{NetworkHive.Network}\{s_first:B}\Connection", "Name", name);

        NetworkPlan plan = NetworkPlanner.Plan(hive.Read(), new NetworkRequest { Policy = NetworkPolicy.Preserve });

        Assert.Null(Assert.Single(plan.Settings).Name);
        Assert.Single(plan.Warnings);
    }

    [Fact]
    public void A_configuration_is_read_and_checked()
    {
        const string Json = """
            { "adapters": [ { "mac": "52-54-00-00-00-01", "name": "LAN", "addresses": ["10.1.0.5/16", "2001:db8::5/64"], "gateways": "10.1.0.1",
              "dnsServers": ["10.1.0.9"], "dnsSuffix": "büro.example", "routes": ["10.9.0.0/16 via 10.1.0.254"], "mtu": 9000, "category": "Private" } ] }
            """;

        AdapterSettings one = Assert.Single(AdapterSettingsReader.Parse(Json, "net.json"));

        Assert.Equal(("52:54:00:00:00:01", false, 9000, "Private"), (one.MacAddress, one.UsesDhcp, one.Mtu, one.Category));
        Assert.Equal([new NetworkAddress("10.1.0.5", 16), new NetworkAddress("2001:db8::5", 64)], one.Addresses);
        Assert.Equal([new NetworkRoute(new NetworkAddress("10.9.0.0", 16), "10.1.0.254", null, null)], one.Routes);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"adapters\":[]}")]
    [InlineData("{\"adapters\":[{}]}")]
    [InlineData("{\"adapters\":[{\"mac\":\"525400000001\",\"address\":\"10.0.0.1/24\"}]}")]
    [InlineData("{\"adapters\":[{\"mac\":\"525400000001\",\"addresses\":\"10.0.0.1\"}]}")]
    [InlineData("{\"adapters\":[{\"mac\":\"525400000001\",\"dnsServers\":[\"x' ; calc\"]}]}")]
    [InlineData("{\"adapters\":[{\"mac\":\"525400000001\",\"name\":\"a\\\"b\"}]}")]
    [InlineData("{\"adapters\":[{\"mac\":\"525400000001\",\"mtu\":\"9000\"}]}")]
    [InlineData("{\"adapters\":[{\"mac\":\"525400000001\"},{\"mac\":\"52:54:00:00:00:01\"}]}")]
    [InlineData("{ not json")]
    public void A_wrong_configuration_is_refused(string json) => Assert.Equal(
        "NetworkConfigurationInvalid", Assert.Throws<GuestStateException>(() => AdapterSettingsReader.Parse(json, "net.json")).ErrorId);

    private static NetworkHive Guest(string instance = Instance) => new NetworkHive()
        .Add(1, s_first, "LAN", instance, NetworkHive.Boot)
        .Static(s_first, ["10.1.0.5"], ["255.255.0.0"], ["10.1.0.1"], "10.1.0.9");

    private static string Script(NetworkPlan plan) =>
        Encoding.UTF8.GetString(Assert.Single(plan.Actions.OfType<FirstBootAction>()).Files[0].Content);

    private static string Refused(WindowsNetwork network, NetworkRequest request) =>
        Assert.ThrowsAny<Hyper2KvmException>(() => NetworkPlanner.Plan(network, request)).ErrorId;
}
