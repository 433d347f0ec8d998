using System.Globalization;
using Hyper2Kvm.Unit.Registry;

namespace Hyper2Kvm.Unit.Support;

/// <summary>All keys and values of a hive as hivex reads them. Names ignore case, as in Windows.</summary>
internal sealed class HiveDump
{
    /// <summary>Prints "K path", and "V path name type data" with the data in hex.</summary>
    private const string Script =
        """
        import hivex, sys
        h = hivex.Hivex(sys.argv[1])
        out = []
        def walk(node, path):
            out.append("K\t" + path)
            for value in h.node_values(node):
                kind, data = h.value_value(value)
                out.append("V\t%s\t%s\t%d\t%s" % (path, h.value_key(value), kind & 0xFFFFFFFF, data.hex()))
            for child in h.node_children(node):
                walk(child, (path + "\\" if path else "") + h.node_name(child))
        sys.setrecursionlimit(5000)
        walk(h.root(), "")
        sys.stdout.buffer.write("\x1e".join(out).encode("utf-8", "surrogatepass"))
        """;

    private HiveDump(HashSet<string> keys, Dictionary<string, ForeignValue> values)
    {
        Keys = keys;
        Values = values;
    }

    /// <summary>Paths from the root, whose own is "".</summary>
    public IReadOnlySet<string> Keys { get; }

    /// <summary>By path and name with a backslash between; the default value has an empty name. (There are values named "(Default)".)</summary>
    public IReadOnlyDictionary<string, ForeignValue> Values { get; }

    public static HiveDump Of(byte[] hive)
    {
        HashSet<string> keys = new(StringComparer.OrdinalIgnoreCase);
        Dictionary<string, ForeignValue> values = new(StringComparer.OrdinalIgnoreCase);
        foreach (string line in Hivex.Run(Script, hive).Split('\x1e'))
        {
            string[] fields = line.Split('\t');
            if (fields[0] == "K")
            {
                Assert.True(keys.Add(fields[1]), $"there twice: {line}");
                continue;
            }

            // A name may hold tabs; type and data cannot.
            string name = string.Join('\t', fields[2..^2]);
            Assert.True(
                values.TryAdd($@"{fields[1]}\{name}".TrimStart('\\'), new ForeignValue(uint.Parse(fields[^2], CultureInfo.InvariantCulture), fields[^1])),
                $"there twice: {line}");
        }

        return new HiveDump(keys, values);
    }

    /// <summary>What is different afterwards: <c>+K path</c>, <c>-K path</c>, <c>V path\name: before → after</c>; upper case, sorted.</summary>
    public string[] DifferencesTo(HiveDump after)
    {
        List<string> lines = [];
        lines.AddRange(after.Keys.Where(key => !Keys.Contains(key)).Select(key => $"+K {key}"));
        lines.AddRange(Keys.Where(key => !after.Keys.Contains(key)).Select(key => $"-K {key}"));
        foreach (string name in Values.Keys.Union(after.Values.Keys, StringComparer.OrdinalIgnoreCase))
        {
            ForeignValue? old = Values.GetValueOrDefault(name);
            ForeignValue? now = after.Values.GetValueOrDefault(name);
            if (old != now)
            {
                lines.Add($"V {name}: {old} → {now}");
            }
        }

        return Sorted(lines);
    }

    /// <summary>The same lines from what an edit reports of this hive.</summary>
    /// <param name="changes">Net changes by target.</param>
    /// <param name="prefix">For example <c>HKLM\SYSTEM\</c>.</param>
    public string[] DifferencesReported(IEnumerable<GuestChange> changes, string prefix)
    {
        List<string> lines = [];
        foreach (GuestChange change in changes.Where(change => change.Target.StartsWith(prefix, StringComparison.Ordinal)))
        {
            string place = change.Target[prefix.Length..];
            switch (change.Kind)
            {
                case GuestChangeKind.KeyAdded:
                    lines.Add($"+K {place}");
                    break;
                case GuestChangeKind.KeyDeleted:
                    bool IsBelow(string name) => $"{name}\\".StartsWith($"{place}\\", StringComparison.OrdinalIgnoreCase);
                    lines.AddRange(Keys.Where(IsBelow).Select(key => $"-K {key}"));
                    lines.AddRange(Values.Where(pair => IsBelow(pair.Key)).Select(pair => $"V {pair.Key}: {pair.Value} → "));
                    break;
                default:
                    const string Default = "(Default)";
                    string name = place.EndsWith($@"\{Default}", StringComparison.Ordinal) ? place[..^Default.Length] : place;
                    lines.Add($"V {name}: {change.Before} → {change.After}");
                    break;
            }
        }

        return Sorted(lines);
    }

    /// <summary>A key that is deleted after one below it is told twice.</summary>
    private static string[] Sorted(IEnumerable<string> lines) =>
        [.. lines.Select(line => line.ToUpperInvariant()).Distinct().Order(StringComparer.Ordinal)];
}
