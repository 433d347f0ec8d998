using System.Globalization;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Registry;

/// <summary>A registry key. Everything is read from the hive when asked for; symbolic links are keys like others, not followed.</summary>
public sealed class HiveKey
{
    /// <summary>Deepest level that Windows allows.</summary>
    private const int DeepestLevel = 512;

    private readonly HiveCells _cells;
    private readonly HiveKey? _parent;

    private HiveKey(HiveCells cells, CellOffset cell, HiveKey? parent, string name)
    {
        _cells = cells;
        _parent = parent;
        Cell = cell;
        Name = name;
        Path = parent is null ? "" : parent.Path.Length == 0 ? name : $"{parent.Path}\\{name}";
        Level = parent is null ? 0 : parent.Level + 1;
    }

    /// <summary>The name as stored.</summary>
    public string Name { get; }

    /// <summary>The names from the root's subkey down to this key, with backslashes between; "" for the root.</summary>
    public string Path { get; }

    /// <summary>When the key, its values or its set of subkeys last changed.</summary>
    public DateTime LastWrittenUtc => FromFileTime(new KeyNodeView(Node()).LastWritten);

    /// <summary>The class name, which Windows uses for secrets and little else; null when there is none.</summary>
    public string? ClassName
    {
        get
        {
            KeyNodeView node = new(Node());
            return node.ClassName.IsNone || node.ClassLength == 0
                ? null
                : HiveName.Decode(_cells.Read(node.ClassName, "class name", node.ClassLength, node.ClassLength), compressed: false);
        }
    }

    /// <summary>Number of subkeys as the key node states it.</summary>
    public int SubkeyCount => (int)Math.Min(new KeyNodeView(Node()).SubkeyCount, int.MaxValue);

    /// <summary>The subkeys in the order of the index. Do not add or delete subkeys of this key meanwhile.</summary>
    /// <exception cref="DiskFormatException">HiveDamaged: the list or a key node is damaged.</exception>
    public IEnumerable<HiveKey> Subkeys
    {
        get
        {
            foreach (CellOffset cell in Lists.Keys(SubkeyListOf(Node())))
            {
                yield return OpenSubkey(cell);
            }
        }
    }

    /// <summary>As <see cref="Subkeys"/>, for who only looks: one that cannot be read hides no other.</summary>
    /// <exception cref="DiskFormatException">HiveDamaged: the list itself is damaged.</exception>
    public IEnumerable<(HiveKey? Key, DiskFormatException? Fault)> SubkeysWithFaults => Lists.Keys(SubkeyListOf(Node())).Select(OpenOrFault);

    /// <summary>The values in the order of the list. Do not add or delete values of this key meanwhile.</summary>
    /// <exception cref="DiskFormatException">HiveDamaged: the list or a key value is damaged.</exception>
    public IEnumerable<HiveValue> Values
    {
        get
        {
            foreach (CellOffset cell in new ValueList(_cells).Read(Node()))
            {
                yield return new HiveValue(_cells, cell);
            }
        }
    }

    internal CellOffset Cell { get; }

    internal int Level { get; }

    private SubkeyList Lists => new(_cells);

    /// <summary>The key at a path below this one, or null. Backslashes between names, any case; "" is this key.</summary>
    public HiveKey? Find(string relativePath)
    {
        HiveKey? key = this;
        foreach (string name in Names(relativePath))
        {
            key = key.FindSubkey(name);
            if (key is null)
            {
                return null;
            }
        }

        return key;
    }

    /// <summary>The value of this name in any case, "" for the default value; null when there is none.</summary>
    public HiveValue? GetValue(string name)
    {
        foreach (HiveValue value in Values)
        {
            if (HiveName.Same(value.Name, name))
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>The key at a path below this one; what is missing of the path is created, with the security of its parent.</summary>
    /// <param name="relativePath">Names of 1 to 255 characters with backslashes between.</param>
    /// <param name="utcNow">The last-written time of what is created or changed.</param>
    public HiveKey Create(string relativePath, DateTime utcNow)
    {
        HiveKey key = this;
        foreach (string name in Names(relativePath))
        {
            key = key.FindSubkey(name) ?? key.CreateSubkey(name, utcNow);
        }

        return key;
    }

    /// <summary>Deletes a subkey with all below it.</summary>
    /// <returns>False when there is no such subkey.</returns>
    public bool DeleteSubkey(string name) => DeleteSubkey(name, null);

    /// <inheritdoc cref="DeleteSubkey(string)"/>
    /// <param name="name">Name of the subkey.</param>
    /// <param name="utcNow">The last-written time for this key; null leaves it.</param>
    public bool DeleteSubkey(string name, DateTime? utcNow)
    {
        if (FindSubkey(name) is not { } subkey)
        {
            return false;
        }

        _cells.BeginEdit();
        new KeyEditor(_cells).Delete(this, subkey, utcNow?.ToFileTimeUtc());
        return true;
    }

    /// <summary>Sets a value; writes nothing when type and data are the same already.</summary>
    /// <param name="name">Up to 16383 characters; "" is the default value.</param>
    /// <param name="type">One of <see cref="HiveValueType"/>, or any other number.</param>
    /// <param name="data">The data as it is stored: text needs its final zero.</param>
    /// <param name="utcNow">The last-written time for the key.</param>
    public void SetValue(string name, int type, ReadOnlySpan<byte> data, DateTime utcNow)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, HiveName.LongestValueName);
        HiveValue? old = GetValue(name);
        if (old is not null && old.Type == type && old.DataSize == data.Length && data.SequenceEqual(old.Data()))
        {
            return;
        }

        _cells.BeginEdit();
        new ValueEditor(_cells, Cell).Set(old, name, type, data, utcNow.ToFileTimeUtc());
    }

    /// <summary>Deletes a value.</summary>
    /// <returns>False when there is no such value.</returns>
    public bool DeleteValue(string name) => DeleteValue(name, null);

    /// <inheritdoc cref="DeleteValue(string)"/>
    /// <param name="name">Name of the value.</param>
    /// <param name="utcNow">The last-written time for this key; null leaves it.</param>
    public bool DeleteValue(string name, DateTime? utcNow)
    {
        if (GetValue(name) is not { } value)
        {
            return false;
        }

        _cells.BeginEdit();
        new ValueEditor(_cells, Cell).Delete(value, utcNow?.ToFileTimeUtc());
        return true;
    }

    /// <summary>The path.</summary>
    public override string ToString() => Path;

    internal static HiveKey OpenRoot(HiveCells cells) => new(cells, cells.Root, null, new KeyNodeView(cells.ReadKeyNode(cells.Root)).Name);

    private static string[] Names(string relativePath) => relativePath.Split('\\', StringSplitOptions.RemoveEmptyEntries);

    private static DateTime FromFileTime(long time) =>
        time >= 0 && time <= DateTime.MaxValue.ToFileTimeUtc() ? DateTime.FromFileTimeUtc(time) : DateTime.FromFileTimeUtc(0);

    /// <summary>A key without subkeys may keep an old list offset.</summary>
    private static CellOffset SubkeyListOf(byte[] keyNode)
    {
        KeyNodeView node = new(keyNode);
        return node.SubkeyCount == 0 ? CellOffset.None : node.SubkeyList;
    }

    private HiveKey? FindSubkey(string name) => Lists.Find(SubkeyListOf(Node()), name) is { } cell ? OpenSubkey(cell) : null;

    private HiveKey CreateSubkey(string name, DateTime utcNow)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, HiveName.LongestKeyName);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(Level, DeepestLevel);
        _cells.BeginEdit();
        return OpenSubkey(new KeyEditor(_cells).Create(this, name, utcNow.ToFileTimeUtc()));
    }

    /// <summary>Because each key node names its one parent, this check makes what can be reached a tree, without cycles.</summary>
    private HiveKey OpenSubkey(CellOffset cell)
    {
        KeyNodeView node = new(_cells.ReadKeyNode(cell));
        if (node.Parent != Cell || cell == _cells.Root)
        {
            throw _cells.Damaged(
                "key node",
                cell,
                string.Create(CultureInfo.InvariantCulture, $"the parent 0x{Cell.Value:X}"),
                string.Create(CultureInfo.InvariantCulture, $"0x{node.Parent.Value:X}"));
        }

        HiveKey subkey = new(_cells, cell, this, node.Name);
        return subkey.Level <= DeepestLevel ? subkey : throw _cells.Damaged("key node", cell, "at most 512 levels of keys", "more");
    }

    private (HiveKey? Key, DiskFormatException? Fault) OpenOrFault(CellOffset cell)
    {
        try
        {
            return (OpenSubkey(cell), null);
        }
        catch (DiskFormatException exception)
        {
            return (null, exception);
        }
    }

    private byte[] Node() => _cells.ReadKeyNode(Cell);
}
