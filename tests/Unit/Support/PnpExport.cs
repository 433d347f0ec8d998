using System.Text.RegularExpressions;

namespace Hyper2Kvm.Unit.Support;

/// <summary>What Windows' own PnP wrote into the hives when it installed a driver of virtio-win, as the test data has it decoded.</summary>
internal static partial class PnpExport
{
    public const string File = "ground-truth/virtio-registry-win10plus.txt";

    /// <summary>Value path → type and data in the words of <see cref="ForeignValue"/>.</summary>
    public static IReadOnlyDictionary<string, string> SystemValues(string driver, string publishedInf, string package) =>
        Values(SystemKey(), driver, publishedInf, package);

    /// <summary>The same of the SOFTWARE hive.</summary>
    public static IReadOnlyDictionary<string, string> SoftwareValues(string driver, string publishedInf, string package) =>
        Values(SoftwareKey(), driver, publishedInf, package);

    private static Dictionary<string, string> Values(Regex keys, string driver, string publishedInf, string package)
    {
        Dictionary<string, string> values = [];
        bool isIn = false;
        string? key = null;
        string Named(string text) => text
            .Replace("<INF>", publishedInf, StringComparison.Ordinal)
            .Replace("<PKG>", package, StringComparison.Ordinal)
            .Replace("<DRV>", driver, StringComparison.Ordinal)
            .Replace("<classguid>", "{4d36e97b-e325-11ce-bfc1-08002be10318}", StringComparison.Ordinal);
        foreach (string line in System.IO.File.ReadLines(SharedData.PathOf(File)))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
            {
                isIn = line.StartsWith($"## {driver} ", StringComparison.Ordinal);
            }
            else if (line.StartsWith('['))
            {
                key = keys.Match(line) is { Success: true } match ? match.Groups[1].Value : null;
            }
            else if (isIn && key is not null && Value().Match(line) is { Success: true } value)
            {
                string name = value.Groups["name"].Value is "(Default)" ? "" : value.Groups["name"].Value;
                string data = value.Groups["data"].Value.Replace(",", value.Groups["type"].Value == "REG_BINARY" ? " " : ",", StringComparison.Ordinal);
                values[Named($@"{key}\{name}")] = Named($"{value.Groups["type"].Value} {data}".TrimEnd());
            }
        }

        return values;
    }

    [GeneratedRegex(@"^\[SYSTEM(?:-drivers)?\] \[\\(.*)\]$")]
    private static partial Regex SystemKey();

    [GeneratedRegex(@"^\[SOFTWARE\] \[\\(.*)\]$")]
    private static partial Regex SoftwareKey();

    [GeneratedRegex(@"^ {6}(?<name>\S.*?) +(?<type>REG_\w+) *(?<data>.*)$")]
    private static partial Regex Value();
}
