using System.Globalization;
using System.Text.RegularExpressions;

namespace Hyper2Kvm.Guest;

/// <summary>boot.ini of Windows XP and Server 2003: what ntldr may start.</summary>
/// <remarks>
/// <code>
/// [boot loader]
/// timeout=30
/// default=multi(0)disk(0)rdisk(0)partition(1)\WINDOWS
/// [operating systems]
/// multi(0)disk(0)rdisk(0)partition(1)\WINDOWS="Windows Server 2003" /noexecute=optout
/// </code>
/// multi(): by the BIOS, rdisk() counting its disks from 0; signature(): the disk with that signature, read through ntbootdd.sys, as
/// scsi() is. partition() counts from 1 the partitions in use: the primary ones first, then the logical ones; extended ones do not count.
/// Source: https://learn.microsoft.com/troubleshoot/windows-client/setup-upgrade-and-drivers (the ARC naming convention).
/// </remarks>
internal sealed partial class BootIni
{
    private BootIni()
    {
    }

    /// <summary>Seconds; null when the file does not say, and negative when the menu waits.</summary>
    public int? Timeout { get; private set; }

    /// <summary>Place of the default system as written; empty when there is none.</summary>
    public string Default { get; private set; } = "";

    /// <summary>Places and the text of their lines, in order.</summary>
    public List<(string Place, string Options)> Systems { get; } = [];

    public static BootIni Parse(string text)
    {
        BootIni ini = new();
        string section = "";
        foreach (string raw in text.Split('\n'))
        {
            string line = raw.Trim();
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (line.StartsWith('['))
            {
                section = line.Trim('[', ']').Trim();
            }
            else if (equals > 0 && !line.StartsWith(';'))
            {
                ini.Add(section, line[..equals].Trim(), line[(equals + 1)..].Trim());
            }
        }

        return ini;
    }

    /// <summary>Takes a place apart.</summary>
    /// <param name="place">As written.</param>
    /// <param name="kind">multi, scsi or signature, in lower case.</param>
    /// <param name="disk">What stands in signature(), else rdisk().</param>
    /// <param name="partition">From 1.</param>
    /// <param name="directory">Windows' directory.</param>
    /// <returns>False for what is no such place, as C:\ for a DOS.</returns>
    public static bool TryReadPlace(string place, out string kind, out uint disk, out int partition, out string directory)
    {
        Match match = Place().Match(place);
        kind = match.Groups["kind"].Value.ToLowerInvariant();
        directory = match.Groups["directory"].Value;
        partition = 0;
        disk = 0;
        bool bySignature = kind == "signature";
        return match.Success
            && int.TryParse(match.Groups["partition"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out partition)
            && uint.TryParse(
                match.Groups[bySignature ? "bus" : "rdisk"].Value,
                bySignature ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out disk);
    }

    private void Add(string section, string name, string value)
    {
        if (section.Equals("operating systems", StringComparison.OrdinalIgnoreCase))
        {
            Systems.Add((name, value));
        }
        else if (section.Equals("boot loader", StringComparison.OrdinalIgnoreCase))
        {
            if (name.Equals("default", StringComparison.OrdinalIgnoreCase))
            {
                Default = value;
            }
            else if (name.Equals("timeout", StringComparison.OrdinalIgnoreCase)
                && int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int seconds))
            {
                Timeout = seconds;
            }
        }
    }

    [GeneratedRegex(
        @"^(?<kind>multi|scsi|signature)\((?<bus>[0-9a-f]+)\)disk\(\d+\)rdisk\((?<rdisk>\d+)\)partition\((?<partition>\d+)\)(?<directory>\\.*)?$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Place();
}
