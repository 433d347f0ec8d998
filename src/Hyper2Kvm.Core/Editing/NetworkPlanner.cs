using System.Text.RegularExpressions;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing.Actions;
using Hyper2Kvm.Guest;

namespace Hyper2Kvm.Editing;

/// <summary>Decides what a policy does to the adapters of a guest. What cannot be bound safely is left to DHCP, and said.</summary>
public static partial class NetworkPlanner
{
    private const string ActionName = "network";

    /// <exception cref="GuestStateException"><c>NetworkPolicyMissing</c>, <c>NetworkMacInvalid</c>.</exception>
    /// <exception cref="GuestItemNotFoundException"><c>NetworkAdapterNotFound</c>.</exception>
    /// <exception cref="UnsupportedFeatureException"><c>NetworkPolicyWindowsTooOld</c>.</exception>
    public static NetworkPlan Plan(WindowsNetwork network, NetworkRequest request)
    {
        if (request.Policy is null && !request.RemoveGhostAdapters)
        {
            throw new GuestStateException(
                "NetworkPolicyMissing", network.ImagePath, "Nothing was asked for.", "Give -Policy, or -RemoveGhostAdapters, or both.");
        }

        CheckWindows(network, request.Policy);
        List<string> warnings = [];
        NetworkAdapter[] cards = [.. network.Adapters.Where(adapter => adapter.Kind == NetworkAdapterKind.Hardware)];
        NetworkAdapter[] present = [.. cards.Where(card => card.State != NetworkAdapterState.Ghost && !card.IsEnslaved)];
        Dictionary<Guid, string> bound = Bind(network, present, request, warnings);
        AdapterSettings[] settings = request.Policy switch
        {
            NetworkPolicy.Preserve => [.. present.Where(card => bound.ContainsKey(card.Id)).Select(card => Settings(card, bound[card.Id], network, warnings))],
            NetworkPolicy.Replace => [.. request.Replacement],
            _ => [],
        };
        Guid[] replaced = request.Policy switch
        {
            null => [],
            NetworkPolicy.Preserve => [.. bound.Keys],
            _ => [.. present.Select(card => card.Id)],
        };

        List<EditAction> actions = [];
        if (request.RemoveGhostAdapters)
        {
            actions.Add(new RemoveAdaptersAction([.. cards.Where(card => card.State == NetworkAdapterState.Ghost).Select(card => card.Id), .. replaced]));
        }
        else if (request.Policy == NetworkPolicy.Dhcp)
        {
            actions.Add(new DhcpAdaptersAction(replaced));
        }

        if (request.Policy is not null && network.Layout.Windows.Major >= 6)
        {
            actions.Add(new NetworkPromptAction());
        }

        if (settings.Length > 0)
        {
            actions.Add(FirstBoot.FromPowerShell(ActionName, NetworkScript.Write(settings, network.Layout.Windows)));
        }

        return new NetworkPlan(actions, warnings) { Settings = settings };
    }

    internal static bool IsSafeName(string name) => name.Length is > 0 and <= 255 && SafeName().IsMatch(name);

    internal static bool IsSafeSuffix(string suffix) => suffix.Length is > 0 and <= 255 && SafeSuffix().IsMatch(suffix);

    private static void CheckWindows(WindowsNetwork network, NetworkPolicy? policy)
    {
        if (network.Layout.Windows.Major < 6 && policy is NetworkPolicy.Preserve or NetworkPolicy.Replace)
        {
            throw new UnsupportedFeatureException(
                "NetworkPolicyWindowsTooOld",
                $"setting adapters of {network.Layout.Windows.ProductName} by their MAC address",
                network.ImagePath,
                "Use -Policy Dhcp, or set the addresses by hand after the first boot.");
        }
    }

    /// <summary>Which adapter gets which card: by the address that the guest knows, by what the user says, or because only one is left on
    /// either side.</summary>
    private static Dictionary<Guid, string> Bind(
        WindowsNetwork network, NetworkAdapter[] present, NetworkRequest request, List<string> warnings)
    {
        HashSet<string> machine = [.. request.MacAddresses.Select(Mac)];
        Dictionary<Guid, string> given = Given(network, present, request);
        if (request.Policy != NetworkPolicy.Preserve)
        {
            return [];
        }

        Dictionary<Guid, string> bound = [];
        List<NetworkAdapter> open = [];
        foreach (NetworkAdapter card in present)
        {
            if ((given.GetValueOrDefault(card.Id) ?? card.MacAddress) is not { } mac)
            {
                open.Add(card);
            }
            else if (machine.Count > 0 && !machine.Contains(mac))
            {
                warnings.Add($"'{card}' ({mac}) is none of the machine's cards: its settings are not carried over, DHCP is used. If it is one of them after all, give -AdapterMac.");
            }
            else
            {
                bound.Add(card.Id, mac);
            }
        }

        string[] free = [.. machine.Except(bound.Values)];
        if (open.Count == 1 && free.Length == 1)
        {
            bound.Add(open[0].Id, free[0]);
            open.Clear();
        }

        warnings.AddRange(open.Select(card =>
            $"'{card}' cannot be bound to a card, for its MAC address is not known: its settings are not carried over, DHCP is used. Give -AdapterMac."));
        foreach (IGrouping<string, KeyValuePair<Guid, string>> twice in bound.GroupBy(pair => pair.Value).Where(group => group.Count() > 1).ToArray())
        {
            warnings.Add($"{twice.Count()} adapters have the address {twice.Key}: their settings are not carried over, DHCP is used. Say with -AdapterMac which card is whose.");
            foreach (KeyValuePair<Guid, string> pair in twice)
            {
                bound.Remove(pair.Key);
            }
        }

        return bound;
    }

    private static Dictionary<Guid, string> Given(WindowsNetwork network, NetworkAdapter[] present, NetworkRequest request)
    {
        Dictionary<Guid, string> given = [];
        foreach ((string name, string mac) in request.AdapterMacs)
        {
            NetworkAdapter[] named = [.. present.Where(card =>
                card.Name.Equals(name, StringComparison.OrdinalIgnoreCase) || (Guid.TryParse(name, out Guid id) && card.Id == id))];
            given[named.Length == 1 ? named[0].Id : throw new GuestItemNotFoundException(
                "NetworkAdapterNotFound",
                name,
                $"'{network.ImagePath}' has {(named.Length == 0 ? "no" : "more than one")} live network card '{name}'.",
                "Get-WindowsNetwork lists the adapters; name one by its Id where names are not enough.")] = Mac(mac);
        }

        return given;
    }

    private static AdapterSettings Settings(NetworkAdapter card, string mac, WindowsNetwork network, List<string> warnings)
    {
        if (!IsSafeName(card.Name))
        {
            warnings.Add($"The name of the adapter {mac} is not one that Windows gives, and is not carried over: -Policy Replace gives it another.");
        }

        if (card.DnsSuffix.Length > 0 && !IsSafeSuffix(card.DnsSuffix))
        {
            warnings.Add($"The DNS suffix of '{card}' is not a domain name, and is not carried over: -Policy Replace gives it another.");
        }

        return new AdapterSettings
        {
            MacAddress = mac,
            Name = IsSafeName(card.Name) ? card.Name : null,
            UsesDhcp = card.UsesDhcp,
            Addresses = card.Addresses,
            Gateways = card.Gateways,
            DnsServers = card.DnsServers,
            DnsSuffix = IsSafeSuffix(card.DnsSuffix) ? card.DnsSuffix : null,
            RegistersInDns = card.RegistersInDns,
            WinsServers = card.WinsServers,
            NetbiosOption = card.NetbiosOption,
            InterfaceMetric = card.InterfaceMetric,
            Mtu = card.Mtu,
            Routes = [.. network.Routes.Where(route => route.AdapterId == card.Id)],
        };
    }

    private static string Mac(string text) => MacAddress.Parse(text) ?? throw new GuestStateException(
        "NetworkMacInvalid", text, $"'{text}' is not the address of a network card.", "Give six bytes in hexadecimal: 00:0C:29:F3:FF:DE.");

    /// <summary>What Windows allows in a connection's name; neither quote of netsh nor control characters.</summary>
    [GeneratedRegex(@"^(?! )[^\p{C}\\/:*?""<>|\t]+(?<! )\z")]
    private static partial Regex SafeName();

    [GeneratedRegex(@"^[\p{L}\p{N}_-]+(\.[\p{L}\p{N}_-]+)*\z")]
    private static partial Regex SafeSuffix();
}
