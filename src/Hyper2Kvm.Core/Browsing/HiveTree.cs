using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Images;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Browsing;

/// <summary>The registry of a powered-off Windows: its hives by name, their keys below. <c>SYSTEM\CurrentControlSet</c> is what
/// <c>Select\Current</c> says.</summary>
public sealed class HiveTree : IGuestTree
{
    private const int CacheBytes = 32 * 1024 * 1024;
    private const string CurrentControlSet = "CurrentControlSet";

    /// <summary>Key names may hold a slash, which a path cannot tell from a separator: at most this many parts are joined again.</summary>
    private const int MostJoined = 8;

    /// <summary>Names looked up for one path at most: a hostile hive may hold many ways to read one.</summary>
    private const int MostLookups = 4096;

    private static readonly string[] s_names = ["SYSTEM", "SOFTWARE", "DRIVERS", "SAM", "SECURITY", "DEFAULT", "COMPONENTS"];

    private readonly DiskImage _image;
    private readonly CachedBlockDevice _cache;
    private readonly WindowsInstallation _windows;
    private readonly Dictionary<string, Hive> _open = new(StringComparer.OrdinalIgnoreCase);

    private HiveTree(DiskImage image, int? partition)
    {
        _image = image;
        _cache = new CachedBlockDevice(image, CacheBytes);
        _windows = WindowsFinder.Find(GuestDisk.Open(_cache), partition, image.Path);
    }

    /// <summary>Opens an image read-only.</summary>
    /// <exception cref="GuestItemNotFoundException"><c>WindowsNotFound</c>.</exception>
    /// <exception cref="GuestStateException"><c>SeveralWindows</c>: the root has to name the partition.</exception>
    public static HiveTree Open(BrowseRoot root)
    {
        ArgumentNullException.ThrowIfNull(root);
        DiskImage image = ImageDetector.Open(root.Image);
        try
        {
            return new HiveTree(image, root.Partition);
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    public GuestNode? Find(string path)
    {
        string[] parts = TreePath.PartsOfKey(path);
        if (parts.Length == 0)
        {
            return new GuestNode("", new WindowsRegistryKey { Name = "", FullName = "", SubkeyCount = HiveNames().Count() }, true);
        }

        return Locate(parts) is var (hive, key) ? Node(hive, key, Name(key, hive)) : null;
    }

    public IEnumerable<GuestNode> Children(string path)
    {
        string[] parts = TreePath.PartsOfKey(path);
        if (parts.Length == 0)
        {
            return HiveNames().Select(RootNode);
        }

        (string hive, HiveKey key) = Locate(parts) ?? throw NotFound(path);
        IEnumerable<GuestNode> real = key.SubkeysWithFaults.Select(
            subkey => subkey.Key is { } found ? Node(hive, found, found.Name) : new GuestNode("", null, false, Fault: subkey.Fault));
        return parts.Length == 1 && Current(hive) is { } current ? real.Prepend(Node(hive, current, CurrentControlSet) with { IsAlias = true }) : real;
    }

    /// <summary>The values of a key by name: text, numbers, lists of text, and bytes for all else. <c>(default)</c> is the unnamed one.</summary>
    /// <exception cref="GuestItemNotFoundException"><c>GuestPathNotFound</c>.</exception>
    public IReadOnlyList<KeyValuePair<string, object>> Values(string path)
    {
        string[] parts = TreePath.PartsOfKey(path);
        HiveKey? key = parts.Length == 0 ? null : (Locate(parts) ?? throw NotFound(path)).Key;
        return key is null ? [] : [.. key.Values.Select(value => KeyValuePair.Create(NameOf(value), DataOf(value)))];
    }

    public void Dispose()
    {
        _cache.Dispose();
        _image.Dispose();
    }

    private static string NameOf(HiveValue value) => value.Name.Length == 0 ? "(default)" : value.Name;

    /// <summary>As PowerShell's own registry provider types them.</summary>
    private static object DataOf(HiveValue value) => value.Type switch
    {
        HiveValueType.Dword or HiveValueType.DwordBigEndian when value.AsDword() is { } number => unchecked((int)number),
        HiveValueType.Qword when value.Data() is { Length: 8 } bytes => Le.I64(bytes, 0),
        HiveValueType.MultiString => value.AsMultiString().ToArray(),
        _ => (object?)value.AsString() ?? value.Data(),
    };

    private static string Name(HiveKey key, string hive) => key.Path.Length == 0 ? hive : key.Name;

    /// <summary>A key whose list of values is damaged still leads to its subkeys.</summary>
    private static GuestNode Node(string hive, HiveKey key, string name)
    {
        List<string> values = [];
        DiskFormatException? fault = null;
        try
        {
            values.AddRange(key.Values.Select(value => PlainText.Escape(NameOf(value))));
        }
        catch (DiskFormatException exception)
        {
            fault = exception;
        }

        WindowsRegistryKey item = new()
        {
            Name = PlainText.Escape(name),
            FullName = PlainText.Escape(key.Path.Length == 0 ? hive : $"{hive}\\{key.Path}"),
            SubkeyCount = key.SubkeyCount,
            Property = values,
            LastWriteTimeUtc = key.LastWrittenUtc,
        };
        return new GuestNode(name, item, true, Fault: fault);
    }

    /// <summary>A hive that cannot be read must not hide the others: its error comes when it is looked into.</summary>
    private GuestNode RootNode(string hive)
    {
        try
        {
            return Node(hive, OpenHive(hive).Root, hive);
        }
        catch (Hyper2KvmException)
        {
            return new GuestNode(hive, new WindowsRegistryKey { Name = hive, FullName = hive }, true);
        }
    }

    private IEnumerable<string> HiveNames() => s_names.Where(name => _windows.FileSystem.Find(HiveLocator.PathOf(_windows, name)) is { IsDirectory: false });

    private (string Hive, HiveKey Key)? Locate(string[] parts)
    {
        if (HiveNames().FirstOrDefault(name => name.Equals(parts[0], StringComparison.OrdinalIgnoreCase)) is not { } hive)
        {
            return null;
        }

        HiveKey key = OpenHive(hive).Root;
        int next = 1;
        if (parts.Length > 1 && parts[1].Equals(CurrentControlSet, StringComparison.OrdinalIgnoreCase) && Current(hive) is { } current)
        {
            (key, next) = (current, 2);
        }

        int lookups = MostLookups;
        return Descend(key, parts, next, ref lookups) is { } found ? (hive, found) : null;
    }

    /// <summary>Tries the shorter name first: <c>text/html</c> may be a key, or a key below <c>text</c>. Parts are empty where slashes follow each
    /// other, in a name (<c>http://host</c>) or for nothing.</summary>
    private static HiveKey? Descend(HiveKey key, string[] parts, int next, ref int lookups)
    {
        if (next == parts.Length)
        {
            return key;
        }

        string name = "";
        for (int count = 1; count <= Math.Min(MostJoined, parts.Length - next) && lookups-- > 0; count++)
        {
            name = count == 1 ? parts[next] : $"{name}/{parts[next + count - 1]}";
            if (key.Find(name) is { } found && Descend(found, parts, next + count, ref lookups) is { } end)
            {
                return end;
            }
        }

        return null;
    }

    /// <summary>Null for a hive without control sets, for one that really has a key of that name, and where damage hides which one it is: the keys
    /// themselves are shown all the same.</summary>
    private HiveKey? Current(string hive)
    {
        if (hive != HiveLocator.System)
        {
            return null;
        }

        HiveKey root = OpenHive(hive).Root;
        try
        {
            return root.Find(CurrentControlSet) is null && root.Find("Select")?.GetValue("Current")?.AsDword() is { } number
                ? root.Find($"ControlSet{number:D3}")
                : null;
        }
        catch (DiskFormatException)
        {
            return null;
        }
    }

    /// <summary>A hive that cannot be repaired from its logs is shown as it lies there: it is only looked at.</summary>
    private Hive OpenHive(string name)
    {
        if (!_open.TryGetValue(name, out Hive? hive))
        {
            GuestPath path = HiveLocator.PathOf(_windows, name);
            try
            {
                hive = HiveLocator.Open(_windows.FileSystem, path);
            }
            catch (GuestStateException exception) when (exception.ErrorId == "HiveDirty")
            {
                hive = Hive.OpenAsFound(_windows.FileSystem.OpenFile(path), path.ToString());
            }

            _open[name] = hive;
        }

        return hive;
    }

    private GuestItemNotFoundException NotFound(string path) =>
        new("GuestPathNotFound", path, $"There is no key '{PlainText.Escape(path)}' in the registry of '{_image.Path}'.");
}
