using System.Text;
using System.Text.RegularExpressions;

namespace Hyper2Kvm.Unit.Support;

/// <summary>The keys and values that virt-v2v added to a guest, as the test data has them decoded.</summary>
internal static partial class VirtV2v
{
    private const string Root = @"HKEY_LOCAL_MACHINE\SYSTEM\";

    /// <summary>Added keys, with a null, and added values. What has nothing to do with storage is left out.</summary>
    public static IReadOnlyDictionary<string, ForeignValue?> StorageFacts(string decodedFile)
    {
        Dictionary<string, ForeignValue?> facts = [];
        string key = "";
        foreach (string line in File.ReadLines(SharedData.PathOf(decodedFile)).Where(line => line.StartsWith('+')).Select(line => line[1..]))
        {
            if (line.StartsWith('['))
            {
                key = line[(1 + Root.Length)..^1];
                facts[key] = null;
            }
            else if (Value().Match(line) is { Success: true } match && key.Length > 0)
            {
                facts[$@"{key}\{match.Groups["name"].Value}"] = Parse(match);
            }
        }

        return facts.Where(fact => !fact.Key.Contains("firstboot", StringComparison.OrdinalIgnoreCase)).ToDictionary();
    }

    private static ForeignValue Parse(Match match)
    {
        if (match.Groups["number"].Success)
        {
            return new ForeignValue(4, Convert.ToHexStringLower(BitConverter.GetBytes(Convert.ToUInt32(match.Groups["number"].Value, 16))));
        }

        string text = match.Groups["text"].Value.Replace(@"\x00", "\0", StringComparison.Ordinal).Replace(@"\\", @"\", StringComparison.Ordinal);
        return match.Groups["text"].Success
            ? new ForeignValue((uint)(match.Groups["type"].Value[0] - '0'), Convert.ToHexStringLower(Encoding.Unicode.GetBytes(text)))
            : new ForeignValue(3, match.Groups["hex"].Value.Replace(",", "", StringComparison.Ordinal));
    }

    [GeneratedRegex("""^(@|"(?<name>[^"]*)")=(dword:(?<number>\w+)|\(t(?<type>\d)\)'(?<text>.*)'|hex\(3\):(?<hex>[\w,]+))$""")]
    private static partial Regex Value();
}
