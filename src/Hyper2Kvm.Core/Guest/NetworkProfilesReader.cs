using Hyper2Kvm.Binary;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Guest;

/// <summary>Reads the networks that Windows remembers (SOFTWARE, Vista and later).</summary>
internal static class NetworkProfilesReader
{
    public const string NetworkList = @"Microsoft\Windows NT\CurrentVersion\NetworkList";

    /// <summary>Where signatures are kept: of networks that a domain manages, and of the others.</summary>
    public static readonly string[] SignatureKinds = ["Managed", "Unmanaged"];

    public static IReadOnlyList<NetworkProfile> Read(Hive software)
    {
        Dictionary<Guid, string?> gateways = [];
        foreach (HiveKey signature in Signatures(software))
        {
            if (Guid.TryParse(signature.GetValue("ProfileGuid")?.AsString(), out Guid profile))
            {
                gateways[profile] = signature.GetValue("DefaultGatewayMac")?.Data() is { Length: >= 6 } mac ? MacAddress.Format(mac.AsSpan(0, 6)) : null;
            }
        }

        List<NetworkProfile> profiles = [];
        foreach (HiveKey key in software.Find($@"{NetworkList}\Profiles")?.Subkeys ?? [])
        {
            if (Guid.TryParse(key.Name, out Guid id))
            {
                profiles.Add(new NetworkProfile
                {
                    Id = id,
                    Name = PlainText.Escape(key.GetValue("ProfileName")?.AsString() ?? ""),
                    Category = Category(key.GetValue("Category")?.AsDword()),
                    GatewayMac = gateways.GetValueOrDefault(id),
                    LastConnected = key.GetValue("DateLastConnected")?.Data() is { } date ? SystemTime(date) : null,
                });
            }
        }

        return profiles;
    }

    public static IEnumerable<HiveKey> Signatures(Hive software) =>
        SignatureKinds.SelectMany(kind => software.Find($@"{NetworkList}\Signatures\{kind}")?.Subkeys ?? []);

    private static string Category(uint? category) => category switch
    {
        0 or null => "Public",
        1 => "Private",
        2 => "Domain",
        var other => other.Value.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };

    /// <summary>SYSTEMTIME: year, month, day of the week, day, hour, minute, second, millisecond, 16 bits each.</summary>
    private static DateTime? SystemTime(byte[] data)
    {
        if (data.Length != 16)
        {
            return null;
        }

        int year = Le.U16(data, 0), month = Le.U16(data, 2), day = Le.U16(data, 6);
        int hour = Le.U16(data, 8), minute = Le.U16(data, 10), second = Le.U16(data, 12);
        return year is >= 1 and <= 9999 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month)
            && hour < 24 && minute < 60 && second < 60
            ? new DateTime(year, month, day, hour, minute, second, DateTimeKind.Unspecified)
            : null;
    }
}
