using System.Security.Cryptography;
using System.Text;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Registry;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Registry;

/// <summary>A hive's whole tree as lines of text, made by us and by hivex, to be compared.</summary>
internal static class HiveTree
{
    /// <summary>Prints keys and values in order of their paths; data as SHA-256 when long.</summary>
    private const string HivexScript =
        """
        import hivex, hashlib, sys
        h = hivex.Hivex(sys.argv[1])
        out = []
        def walk(node, path):
            out.append("K " + path)
            for value in h.node_values(node):
                kind, data = h.value_value(value)
                data = data.hex() if len(data) <= 32 else hashlib.sha256(data).hexdigest()
                out.append("V %s|%s|%d|%s" % (path, h.value_key(value).lower(), kind & 0xFFFFFFFF, data))
            for child in h.node_children(node):
                walk(child, path + "\\" + h.node_name(child).lower())
        sys.setrecursionlimit(5000)
        walk(h.root(), "")
        sys.stdout.buffer.write("\x1e".join(out).encode("utf-8", "surrogatepass"))
        """;

    public static Hive Open(byte[] bytes, params byte[][] logs) =>
        Hive.Open(new MemoryBlockDevice(bytes), [.. logs.Select(log => new MemoryBlockDevice(log))], "TEST");

    public static Hive Open(string primary, params string[] logs) =>
        Open(SharedData.Read(primary), [.. logs.Select(SharedData.Read)]);

    public static string[] Of(Hive hive)
    {
        List<string> lines = [];
        Walk(hive.Root, "", lines);
        return Sorted(lines);
    }

    public static string[] OfHivex(byte[] hive)
    {
        string output = Hivex.Run(HivexScript, hive);
        return Sorted(output.Split('\x1e'));
    }

    public static (int Keys, int Values) Count(Hive hive)
    {
        string[] lines = Of(hive);
        return (lines.Count(line => line[0] == 'K'), lines.Count(line => line[0] == 'V'));
    }

    public static byte[] Saved(Hive hive, byte[] original)
    {
        MemoryBlockDevice target = new([.. original]);
        hive.Save(target, new DateTime(2024, 5, 6, 7, 8, 9, DateTimeKind.Utc));
        return target.ToArray();
    }

    private static void Walk(HiveKey key, string path, List<string> lines)
    {
        lines.Add("K " + path);
        foreach (HiveValue value in key.Values)
        {
            byte[] data = value.Data();
            string text = data.Length <= 32 ? Convert.ToHexStringLower(data) : Convert.ToHexStringLower(SHA256.HashData(data));
            lines.Add($"V {path}|{value.Name.ToLowerInvariant()}|{unchecked((uint)value.Type)}|{text}");
        }

        foreach (HiveKey subkey in key.Subkeys)
        {
            Walk(subkey, $"{path}\\{subkey.Name.ToLowerInvariant()}", lines);
        }
    }

    private static string[] Sorted(IEnumerable<string> lines)
    {
        string[] sorted = [.. lines];
        Array.Sort(sorted, StringComparer.Ordinal);
        return sorted;
    }
}
