using System.Security.Cryptography;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Unit.Registry;

/// <summary>Edits a hive at random and keeps beside it what it must hold then: plain dictionaries.</summary>
internal sealed class HiveModel(Random random)
{
    private static readonly string[] s_names = ["a", "B", "Services", "Ünïcode", "Ключ", "long name with spaces " + new string('x', 60), "k1", "k10", "k2", "_", "z{0}"];
    private static readonly int[] s_sizes = [0, 1, 4, 5, 12, 100, 3000, 16344, 16345, 40000];

    /// <summary>Path in lower case to values; a value is its type and data by its name in lower case.</summary>
    private readonly SortedDictionary<string, Dictionary<string, (int Type, byte[] Data)>> _keys = new(StringComparer.Ordinal) { [""] = [] };

    public void Edit(Hive hive, int count)
    {
        for (int i = 0; i < count; i++)
        {
            switch (random.Next(10))
            {
                case < 4:
                    CreateKey(hive);
                    break;
                case < 7:
                    SetValue(hive);
                    break;
                case < 9:
                    DeleteValue(hive);
                    break;
                default:
                    DeleteKey(hive);
                    break;
            }
        }
    }

    /// <summary>In the form of <see cref="HiveTree.Of"/>.</summary>
    public string[] Lines()
    {
        List<string> lines = [];
        foreach ((string path, Dictionary<string, (int Type, byte[] Data)> values) in _keys)
        {
            lines.Add("K " + path);
            foreach ((string name, (int type, byte[] data)) in values)
            {
                string text = Convert.ToHexStringLower(data.Length <= 32 ? data : SHA256.HashData(data));
                lines.Add($"V {path}|{name}|{unchecked((uint)type)}|{text}");
            }
        }

        lines.Sort(StringComparer.Ordinal);
        return [.. lines];
    }

    private void CreateKey(Hive hive)
    {
        string parent = AnyKey();
        string name = AnyName() + (random.Next(2) == 0 ? "" : $"{random.Next(40)}");
        string path = $"{parent}\\{name.ToLowerInvariant()}";
        if (path.Count(character => character == '\\') < 6)
        {
            hive.Find(parent)!.Create(name, TestHive.Now);
            _keys.TryAdd(path, []);
        }
    }

    private void SetValue(Hive hive)
    {
        string path = AnyKey();
        string name = random.Next(6) == 0 ? "" : AnyName();
        byte[] data = new byte[s_sizes[random.Next(s_sizes.Length)]];
        random.NextBytes(data);
        int type = random.Next(12);
        hive.Find(path)!.SetValue(name, type, data, TestHive.Now);
        _keys[path][name.ToLowerInvariant()] = (type, data);
    }

    private void DeleteValue(Hive hive)
    {
        string path = AnyKey();
        string name = AnyName();
        Assert.Equal(_keys[path].Remove(name.ToLowerInvariant()), hive.Find(path)!.DeleteValue(name));
    }

    private void DeleteKey(Hive hive)
    {
        string path = AnyKey();
        if (path.Length == 0)
        {
            return;
        }

        int end = path.LastIndexOf('\\');
        Assert.True(hive.Find(path[..end])!.DeleteSubkey(path[(end + 1)..].ToUpperInvariant()));
        foreach (string gone in _keys.Keys.Where(key => key == path || key.StartsWith(path + "\\", StringComparison.Ordinal)).ToArray())
        {
            _keys.Remove(gone);
        }
    }

    private string AnyKey() => _keys.Keys.ElementAt(random.Next(_keys.Count));

    private string AnyName() => s_names[random.Next(s_names.Length)];
}
