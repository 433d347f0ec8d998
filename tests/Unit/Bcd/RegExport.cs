using System.Globalization;
using System.Text.RegularExpressions;
using Hyper2Kvm.Bcd;

namespace Hyper2Kvm.Unit.Bcd;

/// <summary>A boot store from a .reg export whose strings are written as <c>hex(1):</c>, as hivexregedit does.</summary>
internal static partial class RegExport
{
    public static BcdStore Read(string text)
    {
        Dictionary<Guid, (uint Type, List<BcdElement> Elements)> objects = [];
        string[] path = [];
        foreach (string line in text.Split('\n', StringSplitOptions.TrimEntries))
        {
            if (line.StartsWith('['))
            {
                path = line[2..^1].Split('\\');
            }
            else if (path is ["Objects", var objectId, "Description"] && line.StartsWith("\"Type\"=dword:", StringComparison.Ordinal))
            {
                objects[Guid.Parse(objectId)] = (Number(line[^8..]), []);
            }
            else if (path is ["Objects", var holder, "Elements", var element] && ElementPattern().Match(line) is { Success: true } match)
            {
                byte[] data = Convert.FromHexString(match.Groups[1].Value.Replace(",", "", StringComparison.Ordinal));
                objects[Guid.Parse(holder)].Elements.Add(BcdElement.Read(Number(element), data));
            }
        }

        return new BcdStore([.. objects.Select(o => new BcdObject(o.Key, o.Value.Type, o.Value.Elements))], []);
    }

    private static uint Number(string hex) => uint.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    [GeneratedRegex("^\"Element\"=hex\\([0-9a-f]+\\):([0-9a-f,]*)$")]
    private static partial Regex ElementPattern();
}
