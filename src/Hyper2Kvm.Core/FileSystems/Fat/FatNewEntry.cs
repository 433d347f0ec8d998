using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Fat;

/// <summary>A name that is about to be added to a directory: its entries, and where there is room for them.</summary>
internal sealed class FatNewEntry
{
    private const int MaximumSlots = 65536;

    private readonly byte[] _entries;

    private FatNewEntry(FatDirectory directory, byte[] entries)
    {
        Directory = directory;
        _entries = entries;
        FirstSlot = FindRoom(directory, SlotCount);
    }

    public FatDirectory Directory { get; }

    public int FirstSlot { get; }

    public int SlotCount => _entries.Length / FatEntryView.Size;

    /// <summary>Slots that the directory must grow by.</summary>
    public int MissingSlots => Math.Max(0, FirstSlot + SlotCount - Directory.SlotCount);

    /// <summary>The short entry, the last of them.</summary>
    public FatEntryView Entry => new(_entries.AsSpan(_entries.Length - FatEntryView.Size));

    /// <exception cref="GuestStateException"><c>GuestPathInvalid</c>: FAT cannot keep this name. <c>GuestVolumeFull</c>: no room in the directory.</exception>
    public static FatNewEntry Plan(FatDirectory directory, FatType type, GuestPath path)
    {
        string name = path.Name;
        if (!FatShortName.IsFileName(name) || name[^1] is '.' or ' ')
        {
            throw new GuestStateException("GuestPathInvalid", path.ToString(), $"'{path}' cannot be a name on a FAT volume.",
                "Choose a name that does not end in a dot or a space.");
        }

        Span<byte> shortName = stackalloc byte[11];
        bool isShort = FatShortName.TryWrite(name, shortName, out byte caseBits);
        if (!isShort)
        {
            ChooseAlias(directory, type, name, shortName);
        }

        FatNewEntry planned = new(directory, MakeEntries(name, shortName, caseBits, isShort));
        if (planned.FirstSlot + planned.SlotCount > MaximumSlots || (planned.MissingSlots > 0 && directory.IsFixed))
        {
            throw new GuestStateException("GuestVolumeFull", path.ToString(), $"The directory of '{path}' has no room for another name.",
                "Remove files from the directory in the guest.");
        }

        return planned;
    }

    /// <summary>Whether the directory ended within these slots; then what follows them must become its end, whatever is there.</summary>
    public bool CoversEndMark
    {
        get
        {
            bool covers = false;
            for (int i = FirstSlot; i < Math.Min(FirstSlot + SlotCount, Directory.SlotCount); i++)
            {
                covers |= Directory.Slot(i).IsEnd;
            }

            return covers;
        }
    }

    /// <summary>The bytes of one of the slots.</summary>
    public ReadOnlySpan<byte> Slot(int index) => _entries.AsSpan(index * FatEntryView.Size, FatEntryView.Size);

    private static byte[] MakeEntries(string name, ReadOnlySpan<byte> shortName, byte caseBits, bool isShort)
    {
        int parts = isShort ? 0 : (name.Length + FatLongName.CharactersPerEntry - 1) / FatLongName.CharactersPerEntry;
        byte[] entries = new byte[(parts + 1) * FatEntryView.Size];
        byte checksum = FatLongName.Checksum(shortName);
        for (int i = 0; i < parts; i++)
        {
            FatLongName.Write(entries.AsSpan(i * FatEntryView.Size, FatEntryView.Size), name, parts - i, i == 0, checksum);
        }

        FatEntryView entry = new(entries.AsSpan(parts * FatEntryView.Size));
        shortName.CopyTo(entry.Name);
        entry.CaseBits = caseBits;
        return entries;
    }

    private static void ChooseAlias(FatDirectory directory, FatType type, string name, Span<byte> shortName)
    {
        HashSet<string> taken = new(StringComparer.OrdinalIgnoreCase);
        foreach (FatEntry entry in directory.Entries(type))
        {
            taken.Add(entry.ShortName);
        }

        int number = 0;
        do
        {
            FatShortName.WriteAlias(name, ++number, shortName);
        }
        while (taken.Contains(FatShortName.Read(shortName, 0)));
    }

    /// <summary>The first gap that is large enough; else where the free slots at the end begin.</summary>
    private static int FindRoom(FatDirectory directory, int wanted)
    {
        int start = 0;
        for (int i = 0; i < directory.SlotCount; i++)
        {
            FatEntryView slot = directory.Slot(i);
            if (slot.IsEnd)
            {
                return start;
            }

            if (!slot.IsDeleted)
            {
                start = i + 1;
            }
            else if (i - start + 1 == wanted)
            {
                return start;
            }
        }

        return start;
    }
}
