using System.Text;
using Hyper2Kvm.Binary;

namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>Compares the names in a file's records with those in directories.</summary>
internal static class NtfsCheckerNames
{
    private const ulong HashStart = 0xCBF2_9CE4_8422_2325;
    private const ulong HashFactor = 0x0000_0100_0000_01B3;

    /// <summary>Of what a $FILE_NAME and its index entry have in common: parent, name, namespace (FNV-1a).</summary>
    public static ulong Hash(ReadOnlySpan<byte> fileName)
    {
        ulong hash = HashStart;
        foreach (byte b in fileName[..8])
        {
            hash = unchecked((hash ^ b) * HashFactor);
        }

        foreach (byte b in fileName.Slice(0x40, 2 + (fileName[0x40] * 2)))
        {
            hash = unchecked((hash ^ b) * HashFactor);
        }

        return hash;
    }

    /// <summary>Of the allocated and the real size of a file's data.</summary>
    public static ulong HashSizes(NtfsCheckerFile file) => file.Find(AttributeType.Data, "") is not { } data ? 0
        : data.Value is { } value ? HashSizes(((ulong)value.Length + 7) & ~7UL, (ulong)value.Length)
        : HashSizes((ulong)(data.TotalAllocated >= 0 ? data.TotalAllocated : data.AllocatedSize), (ulong)data.DataSize);

    /// <summary>Of the sizes in an index entry's key.</summary>
    public static ulong HashSizes(ReadOnlySpan<byte> fileName) => HashSizes(Le.U64(fileName, 0x28), Le.U64(fileName, 0x30));

    /// <summary>What the file attributes in a name say.</summary>
    public static bool IsDirectory(ReadOnlySpan<byte> fileName) => (Le.U32(fileName, 0x38) & FileNameView.DirectoryAttribute) != 0;

    public static bool Same(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        left[..8].SequenceEqual(right[..8])
        && left.Slice(0x40, 2 + (left[0x40] * 2)).SequenceEqual(right.Slice(0x40, 2 + (right[0x40] * 2)));

    public static bool HasName(NtfsCheckerFile file, ReadOnlySpan<byte> key)
    {
        foreach (byte[] name in file.FileNames())
        {
            if (Same(name, key))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Every name of the file must have its entry in the directory that it names.</summary>
    public static void CheckEntries(NtfsCheckerContext context, NtfsCheckerFile file)
    {
        foreach (byte[] name in file.FileNames())
        {
            FileReference parent = new FileNameView(name).Parent;
            NtfsCheckerFile? directory = context.LoadFile(parent.Number);
            IndexEntry? found = directory is { Record.IsDirectory: true } && directory.Record.Sequence == parent.Sequence
                ? NtfsCheckerIndex.Open(context, directory, IndexTree.Directory)?
                    .Find(entry => context.CompareNames(FileNameView.NameOf(name), FileNameView.NameOf(entry.Key)))
                : null;
            if (found is not { } entry || entry.Reference != new FileReference(file.Number, file.Record.Sequence) || !Same(name, entry.Key))
            {
                context.Findings.Add("NtfsNameNotInIndex", NtfsCheckerRecord.PlaceOf(file.Number),
                    $"its name '{Printable(name)}' has no entry in the directory {NtfsCheckerRecord.PlaceOf(parent.Number)}");
            }
        }
    }

    private static ulong HashSizes(ulong allocated, ulong real) => unchecked((allocated * HashStart) + (real * HashFactor));

    public static string Printable(ReadOnlySpan<byte> fileName)
    {
        StringBuilder text = new();
        foreach (char c in FileNameView.NameOf(fileName))
        {
            text.Append(char.IsControl(c) || char.IsSurrogate(c) ? '?' : c);
        }

        return text.ToString();
    }
}
