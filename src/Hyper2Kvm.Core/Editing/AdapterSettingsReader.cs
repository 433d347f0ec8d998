using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing.Actions;
using Hyper2Kvm.Guest;

namespace Hyper2Kvm.Editing;

/// <summary>Reads the settings that replace those of a guest, as JSON. Everything is checked: it ends up in a script.</summary>
public static class AdapterSettingsReader
{
    private static readonly string[] s_keys =
    [
        "mac", "name", "dhcp", "addresses", "gateways", "dnsServers", "dnsSuffix", "registersInDns", "winsServers", "netbios",
        "interfaceMetric", "mtu", "routes", "category",
    ];

    /// <param name="json">Text of the file.</param>
    /// <param name="source">The file, for messages.</param>
    /// <exception cref="GuestStateException"><c>NetworkConfigurationInvalid</c>.</exception>
    public static IReadOnlyList<AdapterSettings> Parse(string json, string source)
    {
        try
        {
            return Read(JsonNode.Parse(json), source);
        }
        catch (JsonException exception)
        {
            throw Invalid(source, exception.Message, exception);
        }
    }

    /// <inheritdoc cref="Parse"/>
    public static IReadOnlyList<AdapterSettings> Read(JsonNode? root, string source)
    {
        if (root is not JsonObject top || top.Count != 1 || top.FirstOrDefault() is not { Key: "adapters", Value: JsonArray { Count: > 0 } adapters })
        {
            throw Invalid(source, "it must have the one key 'adapters', a list with at least one adapter");
        }

        AdapterSettings[] settings = [.. adapters.Select((node, index) => ReadOne(node, $"adapters[{index}]", source))];
        return settings.GroupBy(one => one.MacAddress).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? throw Invalid(source, $"the address {twice.Key} is there twice")
            : settings;
    }

    private static AdapterSettings ReadOne(JsonNode? node, string where, string source)
    {
        if (node is not JsonObject one)
        {
            throw Invalid(source, $"{where} is no object");
        }

        if (one.FirstOrDefault(pair => !s_keys.Contains(pair.Key)).Key is { } unknown)
        {
            throw Invalid(source, $"{where} has the key '{unknown}'; there are {string.Join(", ", s_keys)}");
        }

        T Get<T>(string key, Func<string, T?> parse, string what)
            where T : class => parse(Text(one, key, where, source) ?? "") ?? throw Invalid(source, $"{where}.{key} is not {what}");
        T[] All<T>(string key, Func<string, T?> parse, string what)
            where T : class => [.. List(one, key, where, source).Select(text => parse(text) ?? throw Invalid(source, $"{where}.{key}: '{text}' is not {what}"))];

        NetworkAddress[] addresses = All("addresses", Address, "an address with a prefix length, 10.0.0.5/24");
        return new AdapterSettings
        {
            MacAddress = Get("mac", MacAddress.Parse, "the address of a network card"),
            Name = one.ContainsKey("name") ? Get("name", text => NetworkPlanner.IsSafeName(text) ? text : null, "a connection's name") : null,
            UsesDhcp = Flag(one, "dhcp", where, source) ?? addresses.All(address => address.IsIPv6),
            Addresses = addresses,
            Gateways = [.. All("gateways", NetworkAdapterReader.IP, "an address").Select(gateway => new NetworkGateway(gateway, null))],
            DnsServers = All("dnsServers", NetworkAdapterReader.IP, "an address"),
            DnsSuffix = one.ContainsKey("dnsSuffix") ? Get("dnsSuffix", text => NetworkPlanner.IsSafeSuffix(text) ? text : null, "a domain name") : null,
            RegistersInDns = Flag(one, "registersInDns", where, source) ?? true,
            WinsServers = All("winsServers", NetworkAdapterReader.IPv4, "an IPv4 address"),
            NetbiosOption = Number(one, "netbios", 0, 2, where, source) ?? 0,
            InterfaceMetric = Number(one, "interfaceMetric", 1, 9999, where, source),
            Mtu = Number(one, "mtu", 576, 65535, where, source),
            Routes = All("routes", Route, "a route, 10.9.0.0/16 via 10.0.0.1"),
            Category = one.ContainsKey("category") ? Get("category", text => text is "Private" or "Public" ? text : null, "Private or Public") : null,
        };
    }

    private static NetworkAddress? Address(string text)
    {
        string[] parts = text.Split('/');
        return parts.Length == 2 && NetworkAdapterReader.IP(parts[0]) is { } address
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int length) && length > 0
            && length <= (address.Contains(':', StringComparison.Ordinal) ? 128 : 32)
            ? new NetworkAddress(address, length)
            : null;
    }

    private static NetworkRoute? Route(string text)
    {
        string[] parts = text.Split(" via ");
        return parts.Length == 2 && Address(parts[0]) is { } destination && NetworkAdapterReader.IP(parts[1]) is { } hop
            && destination.IsIPv6 == hop.Contains(':', StringComparison.Ordinal)
            ? new NetworkRoute(destination, hop, null, null)
            : null;
    }

    private static string? Text(JsonObject one, string key, string where, string source) => one[key] switch
    {
        null => null,
        JsonValue value when value.TryGetValue(out string? text) => text,
        _ => throw Invalid(source, $"{where}.{key} is no text"),
    };

    private static IEnumerable<string> List(JsonObject one, string key, string where, string source) => one[key] switch
    {
        null => [],
        JsonValue value when value.TryGetValue(out string? text) => [text!],
        JsonArray array => array.Select(item => item is JsonValue value && value.TryGetValue(out string? text)
            ? text! : throw Invalid(source, $"{where}.{key} holds something that is no text")),
        _ => throw Invalid(source, $"{where}.{key} is no list"),
    };

    private static bool? Flag(JsonObject one, string key, string where, string source) => one[key] switch
    {
        null => null,
        JsonValue value when value.TryGetValue(out bool flag) => flag,
        _ => throw Invalid(source, $"{where}.{key} is neither true nor false"),
    };

    private static int? Number(JsonObject one, string key, int least, int most, string where, string source) => one[key] switch
    {
        null => null,
        JsonValue value when value.TryGetValue(out int number) && number >= least && number <= most => number,
        _ => throw Invalid(source, string.Create(CultureInfo.InvariantCulture, $"{where}.{key} is no number from {least} to {most}")),
    };

    private static GuestStateException Invalid(string source, string why, Exception? inner = null) => new(
        "NetworkConfigurationInvalid", source, $"The network configuration '{source}' cannot be used: {why}.", "Get-Help Set-WindowsNetworkPolicy shows its shape.", inner);
}
