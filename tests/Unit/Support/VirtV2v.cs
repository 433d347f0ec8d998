using System.Text;
using System.Text.RegularExpressions;

namespace Hyper2Kvm.Unit.Support;

/// <summary>The keys and values that virt-v2v added to a guest, as the test data has them decoded.</summary>
internal static partial class VirtV2v
{
    public const string Windows7 = "virt-v2v/w7.SYSTEM.decoded.txt";
    public const string Windows10 = "virt-v2v/u1.SYSTEM.decoded.txt";

    private const string Root = @"HKEY_LOCAL_MACHINE\SYSTEM\";

    /// <summary>The guest has each of virt-v2v's facts, under our package's names. Ours may say more; of Version the class is what counts.</summary>
    public static void AssertHolds(EditedGuest guest, string decodedFile)
    {
        const int UpToTheClass = 2 * 24;
        HiveDump system = guest.DumpAfter("SYSTEM");
        Dictionary<string, ForeignValue?> facts = StorageFacts(decodedFile);
        Assert.True(facts.Count > 8, $"{decodedFile}: only {facts.Count} facts");
        foreach ((string place, ForeignValue? value) in facts)
        {
            string ours = InOurNames(place, guest, system);
            if (value is null)
            {
                Assert.Contains(ours, system.Keys);
                continue;
            }

            Assert.True(system.Values.TryGetValue(ours, out ForeignValue? found), $"{ours} is missing");
            if (place.EndsWith(@"\Version", StringComparison.Ordinal))
            {
                Assert.Equal(value.Hex[..UpToTheClass], found.Hex[..UpToTheClass]);
            }
            else
            {
                Assert.Equal(InOurNames(value.ToString(), guest, system), found.ToString(), ignoreCase: true);
            }
        }
    }

    private static string InOurNames(string text, EditedGuest guest, HiveDump system)
    {
        PlannedDriver driver = guest.Plan.Storage[0];
        string published = system.Values.TryGetValue($@"DriverDatabase\DriverPackages\{driver.PackageLabel}\", out ForeignValue? name)
            ? name.Texts()[0]
            : "";
        return text
            .Replace("guestor.inf_tmp", driver.PackageLabel, StringComparison.Ordinal)
            .Replace("guestor.inf", published, StringComparison.Ordinal)
            .Replace("guestor_conf", driver.InstallSection, StringComparison.Ordinal);
    }

    /// <summary>Added keys, with a null, and added values. What has nothing to do with storage is left out.</summary>
    private static Dictionary<string, ForeignValue?> StorageFacts(string decodedFile)
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
