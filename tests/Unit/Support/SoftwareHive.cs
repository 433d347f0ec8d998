using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Hyper2Kvm.Unit.Support;

/// <summary>A SOFTWARE hive, in the language of hive.py, from values that real installations have.</summary>
internal static partial class SoftwareHive
{
    private const string Version = @"Microsoft\Windows NT\CurrentVersion";

    /// <summary>Takes the strings and numbers of an exported CurrentVersion key, then sets or replaces some.</summary>
    /// <param name="regFile">Below hive-software in the test data.</param>
    /// <param name="replaced">REG_SZ values.</param>
    public static string Text(string regFile, params (string Name, string Value)[] replaced)
    {
        Dictionary<string, string> values = [];
        foreach (Match match in ValueLine().Matches(File.ReadAllText(SharedData.PathOf(regFile))))
        {
            values[match.Groups["name"].Value] = match.Groups["text"].Success
                ? $"sz {match.Groups["text"].Value}"
                : string.Create(CultureInfo.InvariantCulture, $"dword 0x{match.Groups["number"].Value}");
        }

        foreach ((string name, string value) in replaced)
        {
            values[name] = $"sz {value}";
        }

        StringBuilder text = new($"[{Version}]\n");
        foreach ((string name, string value) in values)
        {
            text.Append(CultureInfo.InvariantCulture, $"{name} {value}\n");
        }

        return text.Append("[Microsoft\\Windows\\CurrentVersion]\nDevicePath expand %SystemRoot%\\inf\n").ToString();
    }

    [GeneratedRegex("""^"(?<name>\w+)"=(str\(1\):"(?<text>.*)"|dword:(?<number>[0-9a-f]+))\r?$""", RegexOptions.Multiline)]
    private static partial Regex ValueLine();
}
