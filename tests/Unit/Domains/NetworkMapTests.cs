using System.Xml.Linq;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Domains;
using Hyper2Kvm.Machines;

namespace Hyper2Kvm.Unit.Domains;

public sealed class NetworkMapTests
{
    private static readonly WindowsLayout s_layout = Guests.Layout(Guests.Version(10, 0, 20348, isServer: true));

    [Fact]
    public void Cards_go_where_the_map_says_and_the_rest_to_the_default_network()
    {
        SourceMachine machine = Machine(("00:50:56:00:00:01", "VM Network"), ("00:50:56:00:00:02", "Prod"), (null, "Lab"), (null, ""), (null, "lab "));
        DomainIdentity identity = MachineTakeOver.Identity(s_layout, machine);
        IReadOnlyList<DomainNetwork?> networks = NetworkMap.Networks(
            identity, machine, Map(("vm network", "br0"), ("Prod", "network:prod"), ("unused", "bridge:br9")), out IReadOnlyList<string> unknown);

        Assert.Equal([new DomainNetwork("br0", true), new DomainNetwork("prod", false), null, null, null], networks);
        Assert.Equal(["'Lab'", $"(the card {identity.MacAddresses[3]} names no network)"], unknown);

        XElement[] cards = [.. XDocument.Parse(DomainXmlWriter.Write(Guests.Request(s_layout) with { Identity = identity, Networks = networks, NetworkName = "lan" }))
            .Descendants("interface")];
        Assert.Equal(["bridge", "network", "network", "network", "network"], cards.Select(card => card.Attribute("type")!.Value));
        Assert.Equal(["br0", "prod", "lan", "lan", "lan"], cards.Select(card => card.Element("source")!.Attributes().Single().Value));
    }

    [Fact]
    public void A_card_is_known_by_its_address_before_its_place()
    {
        SourceMachine machine = Machine(("00:50:56:00:00:01", "A"), ("00:50:56:00:00:02", "B"));
        DomainIdentity identity = DomainIdentity.From(s_layout, macAddresses: ["00:50:56:00:00:02", "52:54:00:00:00:07", "52:54:00:00:00:08"]);
        IReadOnlyList<DomainNetwork?> networks = NetworkMap.Networks(identity, machine, Map(("A", "brA"), ("B", "brB")), out IReadOnlyList<string> unknown);
        Assert.Equal(["bridge:brB", "bridge:brB", null], networks.Select(network => network?.ToString()));
        Assert.Equal(["(the card 52:54:00:00:00:08 names no network)"], unknown);
    }

    [Theory]
    [InlineData("")]
    [InlineData("network:")]
    [InlineData("br 0")]
    [InlineData("vlan:7")]
    [InlineData("br/0")]
    [InlineData("..")]
    [InlineData("a-bridge-too-far")]
    [InlineData("network:a\tb")]
    public void What_cannot_be_a_network_is_refused_even_where_no_card_uses_it(string target)
    {
        SourceMachine machine = Machine((null, "A"));
        DomainIdentity identity = MachineTakeOver.Identity(s_layout, machine);
        Assert.Equal(
            "DomainNetworkInvalid",
            Assert.Throws<GuestStateException>(() => NetworkMap.Networks(identity, machine, Map(("other", target)), out _)).ErrorId);
        DomainRequest request = Guests.Request(s_layout) with { Networks = [DomainNetwork.Parse(target)] };
        Assert.Equal("DomainNetworkInvalid", Assert.Throws<GuestStateException>(() => DomainXmlWriter.Write(request)).ErrorId);
    }

    private static Dictionary<string, string> Map(params (string Source, string Target)[] entries) => entries.ToDictionary(entry => entry.Source, entry => entry.Target);

    private static SourceMachine Machine(params (string? Mac, string Network)[] cards)
    {
        MachineDraft draft = new(SourceMachineKind.Vmx, "x.vmx") { Name = "web01" };
        foreach ((string? mac, string network) in cards)
        {
            draft.AddNic(mac, network);
        }

        return draft.Build();
    }
}
