using System.Globalization;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Bcd;

/// <summary>A boot configuration store: a registry hive with one key for each object. Read only; nothing here changes a store.</summary>
/// <remarks>
/// <code>
/// \Description                          KeyName "BCD00000000" ...
/// \Objects\{guid}\Description           Type DWORD
/// \Objects\{guid}\Elements\XXXXXXXX     Element: SZ, MULTI_SZ or BINARY; the key's name is the type in hex
/// </code>
/// </remarks>
public sealed class BcdStore
{
    // Windows' longest are device elements of some hundred bytes and lists of a few thousand.
    private const int ElementLimit = 1 << 20;

    internal BcdStore(IReadOnlyList<BcdObject> objects, IReadOnlyList<string> strangeKeys)
    {
        Objects = objects;
        StrangeKeys = strangeKeys;
    }

    /// <summary>Reads all objects; the hive is not needed afterwards.</summary>
    /// <exception cref="DiskFormatException"><c>BcdStoreDamaged</c>: the hive is no boot store, or an element is longer than any
    /// is; or an error of the hive itself.</exception>
    public static BcdStore Open(Hive hive)
    {
        ArgumentNullException.ThrowIfNull(hive);
        HiveKey keys = hive.Root.Find("Objects") ?? throw Damaged("a key Objects below the root", "none");
        List<BcdObject> objects = [];
        List<string> strangeKeys = [];
        foreach (HiveKey key in keys.Subkeys)
        {
            if (Guid.TryParseExact(key.Name, "B", out Guid id))
            {
                uint type = key.Find("Description")?.GetValue("Type")?.AsDword() ?? 0;
                objects.Add(new BcdObject(id, type, ReadElements(key, strangeKeys)));
            }
            else
            {
                strangeKeys.Add(key.Name);
            }
        }

        return new BcdStore(objects, strangeKeys);
    }

    /// <summary>In the order of the store, which is that of the GUIDs' text.</summary>
    public IReadOnlyList<BcdObject> Objects { get; }

    /// <summary>Keys where an object or an element should be that are neither; boot managers pass over them, and so do we.</summary>
    public IReadOnlyList<string> StrangeKeys { get; }

    /// <summary>The boot manager's object, or null.</summary>
    public BcdObject? BootManager
    {
        get
        {
            foreach (BcdObject item in Objects)
            {
                if (item.Type == BcdObjectTypes.BootManager)
                {
                    return item;
                }
            }

            return null;
        }
    }

    /// <summary>The entry that the boot manager starts unasked: its default, else the first in its menu. Null when there is neither;
    /// the object of that id may be missing.</summary>
    public Guid? DefaultId => First(BcdElementTypes.DefaultObject) ?? First(BcdElementTypes.DisplayOrder);

    public BcdObject? Find(Guid id)
    {
        foreach (BcdObject item in Objects)
        {
            if (item.Id == id)
            {
                return item;
            }
        }

        return null;
    }

    /// <summary>An element of an object, or of the objects that it inherits from, in their order; null when none has it.</summary>
    public BcdElement? FindInherited(BcdObject item, uint elementType)
    {
        HashSet<Guid> seen = [];
        Queue<BcdObject> queue = new([item]);
        while (queue.TryDequeue(out BcdObject? next))
        {
            if (!seen.Add(next.Id))
            {
                continue;
            }

            if (next.Find(elementType) is { } element)
            {
                return element;
            }

            foreach (Guid parent in next.Find(BcdElementTypes.Inherit)?.Objects ?? [])
            {
                if (Find(parent) is { } inherited)
                {
                    queue.Enqueue(inherited);
                }
            }
        }

        return null;
    }

    private Guid? First(uint elementType) =>
        BootManager?.Find(elementType)?.Objects is { Count: > 0 } objects ? objects[0] : null;

    private static List<BcdElement> ReadElements(HiveKey item, List<string> strangeKeys)
    {
        List<BcdElement> elements = [];
        foreach (HiveKey key in item.Find("Elements")?.Subkeys ?? [])
        {
            bool isType = key.Name.Length == 8
                & uint.TryParse(key.Name, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint type);
            if (isType && key.GetValue("Element") is { } value)
            {
                byte[] data = value.Data();
                elements.Add(data.Length <= ElementLimit
                    ? BcdElement.Read(type, data)
                    : throw Damaged($"at most {ElementLimit} bytes of {item.Name}\\{key.Name}", $"{data.Length}"));
            }
            else
            {
                strangeKeys.Add($"{item.Name}\\{key.Name}");
            }
        }

        return elements;
    }

    private static DiskFormatException Damaged(string expected, string actual) => new(
        "BcdStoreDamaged", "Boot store", 0, expected, actual, "Repair it in Windows with 'bcdboot C:\\Windows', or restore a copy.");
}
