using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Domains;

/// <summary>Puts the cards of a source machine into the networks of the KVM host.</summary>
public static class NetworkMap
{
    /// <summary>The network of each card, null where the map does not know the card's.</summary>
    /// <param name="identity">Its addresses are the cards of the domain: a card is known by its address, else by its place.</param>
    /// <param name="machine">Says which network each card was in.</param>
    /// <param name="map">Source network to target, in the words of <see cref="DomainNetwork.Parse"/>; case does not matter.</param>
    /// <param name="unknown">What the map does not name, for people.</param>
    /// <exception cref="GuestStateException"><c>DomainNetworkInvalid</c>: a target that cannot be a bridge or a network.</exception>
    public static IReadOnlyList<DomainNetwork?> Networks(
        DomainIdentity identity, SourceMachine machine, IReadOnlyDictionary<string, string> map, out IReadOnlyList<string> unknown)
    {
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(machine);
        ArgumentNullException.ThrowIfNull(map);
        Dictionary<string, DomainNetwork> targets = new(StringComparer.OrdinalIgnoreCase);
        foreach ((string source, string target) in map)
        {
            targets[source.Trim()] = DomainNetwork.Parse(target);
            DomainChecks.Check(targets[source.Trim()]);
        }

        List<DomainNetwork?> networks = [];
        List<string> missing = [];
        for (int card = 0; card < identity.MacAddresses.Count; card++)
        {
            SourceNic? nic = machine.Nics.FirstOrDefault(nic => nic.MacAddress == identity.MacAddresses[card]) ?? machine.Nics.ElementAtOrDefault(card);
            string source = nic?.NetworkName.Trim() ?? "";
            networks.Add(targets.GetValueOrDefault(source));
            if (networks[card] is null)
            {
                missing.Add(source.Length > 0 ? $"'{source}'" : $"(the card {identity.MacAddresses[card]} names no network)");
            }
        }

        unknown = [.. missing.Distinct(StringComparer.OrdinalIgnoreCase)];
        return networks;
    }
}
