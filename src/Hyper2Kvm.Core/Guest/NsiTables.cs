using System.Net;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Guest;

/// <summary>What Windows Vista and later keep below <c>Control\Nsi</c>: persistent IPv6 addresses and routes, by the adapter's LUID.</summary>
/// <remarks>
/// A value's name is a table key in hexadecimal, its data the settings. Table 10 of a protocol's module, addresses: LUID (8 bytes),
/// address; settings: prefix length at 16. Table 16, routes, of IPv6: destination at 4, its length at 20, LUID at 40, next hop at 56;
/// settings: metric at 12. All 0xFF in the settings means "not set".
/// </remarks>
internal sealed class NsiTables
{
    private const string IPv6Module = @"Control\Nsi\{eb004a01-9b1a-11d4-9123-0050047759bc}";
    private const int AddressSize = 16;
    private const int MostRows = 4096;

    private NsiTables(IReadOnlyList<(long Luid, NetworkAddress Address)> addresses, IReadOnlyList<(long Luid, NetworkRoute Route)> routes)
    {
        Addresses = addresses;
        Routes = routes;
    }

    public IReadOnlyList<(long Luid, NetworkAddress Address)> Addresses { get; }

    /// <summary>Default routes are gateways.</summary>
    public IReadOnlyList<(long Luid, NetworkRoute Route)> Routes { get; }

    /// <summary>The LUID of an adapter: 24 bits that are zero, its index in 24, its type in 16.</summary>
    public static long LuidOf(uint index, uint interfaceType) => ((long)(index & 0xFFFFFF) << 24) | ((long)(interfaceType & 0xFFFF) << 48);

    /// <summary>How a LUID begins a value's name.</summary>
    public static string NameOf(long luid)
    {
        byte[] bytes = new byte[8];
        Le.I64(bytes, 0, luid);
        return Convert.ToHexString(bytes);
    }

    public static NsiTables Read(HiveKey controlSet)
    {
        List<(long, NetworkAddress)> addresses = [];
        foreach ((byte[] key, byte[] data) in Rows(controlSet, $@"{IPv6Module}\10", 24))
        {
            addresses.Add((Le.I64(key, 0), new NetworkAddress(Text(key.AsSpan(8, AddressSize)), PrefixLength(data))));
        }

        List<(long, NetworkRoute)> routes = [];
        foreach ((byte[] key, byte[] data) in Rows(controlSet, $@"{IPv6Module}\16", 72))
        {
            uint metric = data.Length >= 16 ? Le.U32(data, 12) : uint.MaxValue;
            routes.Add((Le.I64(key, 40), new NetworkRoute(
                new NetworkAddress(Text(key.AsSpan(4, AddressSize)), Math.Min((int)key[20], 128)),
                Text(key.AsSpan(56, AddressSize)),
                metric is 0 or > 9999 ? null : (int)metric,
                null)));
        }

        return new NsiTables(addresses, routes);
    }

    private static IEnumerable<(byte[] Key, byte[] Data)> Rows(HiveKey controlSet, string table, int keySize)
    {
        foreach (HiveValue value in (controlSet.Find(table)?.Values ?? []).Take(MostRows))
        {
            if (value.Type == HiveValueType.Binary && value.Name.Length == 2 * keySize && value.Name.All(char.IsAsciiHexDigit))
            {
                yield return (Convert.FromHexString(value.Name), value.Data());
            }
        }
    }

    private static int PrefixLength(byte[] data) => data.Length >= 20 && Le.U32(data, 16) is var length and <= 128 ? (int)length : 64;

    private static string Text(ReadOnlySpan<byte> address) => new IPAddress(address).ToString();
}
