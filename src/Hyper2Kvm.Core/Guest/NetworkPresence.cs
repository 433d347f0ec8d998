using Hyper2Kvm.Binary;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Guest;

/// <summary>Tells adapters that were in the machine at the last start from those of which only entries are left.</summary>
/// <remarks>
/// Windows marks nothing as a ghost; it knows its live devices in memory only. From Windows 8 on each device keeps when it last arrived
/// and was last removed, and the HAL arrives once at each start: what arrived before it was not there. Before that, PnP touches the key of each
/// device that it finds, so a key that is older than the HAL's tells the same; equal times tell nothing, since a copied hive has
/// them too. The DNS client marks the adapters that it registered since the start, and those that are gone.
/// </remarks>
internal sealed class NetworkPresence
{
    private const string DeviceDates = @"Properties\{83da6326-97a6-4088-9453-a1923f573b29}";
    private const string Arrival = "0066";
    private const string Removal = "0067";

    /// <summary>Devices arrive within seconds of the HAL, and before it on some machines.</summary>
    private static readonly TimeSpan s_slack = TimeSpan.FromMinutes(2);

    private readonly HiveKey _controlSet;
    private readonly DateTime? _lastStart;
    private readonly DateTime? _lastEnumeration;

    public NetworkPresence(HiveKey controlSet)
    {
        _controlSet = controlSet;
        HiveKey[] hals = [.. (controlSet.Find(@"Enum\ACPI_HAL")?.Subkeys ?? []).SelectMany(device => device.Subkeys)];
        _lastStart = Newest(hals.Select(hal => Date(hal, Arrival)));
        _lastEnumeration = Newest([.. hals.Select(hal => (DateTime?)hal.LastWrittenUtc), controlSet.Find(@"Enum\HTREE\ROOT\0")?.LastWrittenUtc]);
    }

    /// <param name="instanceId">The device; empty when the adapter's entries name none.</param>
    /// <param name="adapter">NetCfgInstanceId.</param>
    public (NetworkAdapterState State, string Reason) Judge(string instanceId, Guid adapter)
    {
        if (instanceId.Length == 0 || _controlSet.Find($@"Enum\{instanceId}") is not { } device)
        {
            return (NetworkAdapterState.Ghost, "its device has no entry");
        }

        if (Date(device, Arrival) is { } arrived)
        {
            if (Date(device, Removal) is { } removed && removed > arrived)
            {
                return (NetworkAdapterState.Ghost, FormattableString.Invariant($"removed {removed:u}"));
            }

            if (_lastStart is { } start)
            {
                return arrived < start - s_slack
                    ? (NetworkAdapterState.Ghost, FormattableString.Invariant($"last seen {arrived:u}, Windows started {start:u}"))
                    : (NetworkAdapterState.Live, FormattableString.Invariant($"arrived {arrived:u}, at the last start"));
            }
        }

        return JudgeByTraces(device, adapter);
    }

    private (NetworkAdapterState State, string Reason) JudgeByTraces(HiveKey device, Guid adapter)
    {
        HiveKey? dns = _controlSet.Find($@"Services\Tcpip\Parameters\DNSRegisteredAdapters\{adapter:B}");
        if (dns?.GetValue("StaleAdapter")?.AsDword() == 1)
        {
            return (NetworkAdapterState.Ghost, "the DNS client calls it stale");
        }

        if (dns?.GetValue("RegisteredSinceBoot")?.AsDword() == 1)
        {
            return (NetworkAdapterState.Live, "it was registered in DNS since the last start");
        }

        DateTime touched = device.LastWrittenUtc;
        if (_lastEnumeration is { } enumeration && touched < enumeration - s_slack)
        {
            return (NetworkAdapterState.Ghost, FormattableString.Invariant($"last seen {touched:u}, Windows started {enumeration:u}"));
        }

        return (NetworkAdapterState.Unknown, "nothing says whether it was there at the last start");
    }

    private static DateTime? Newest(IEnumerable<DateTime?> dates) => dates.Max();

    private static DateTime? Date(HiveKey device, string property) =>
        device.Find($@"{DeviceDates}\{property}")?.GetValue("")?.Data() is { Length: 8 } data
        && Le.I64(data, 0) is var time && time > 0 && time < DateTime.MaxValue.ToFileTimeUtc()
            ? DateTime.FromFileTimeUtc(time)
            : null;
}
