using System.Globalization;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Fat;

/// <summary>A directory, read whole: it has at most 65536 entries (specification, section 6).</summary>
internal sealed class FatDirectory
{
    private const int MaximumBytes = 65536 * FatEntryView.Size;

    private readonly List<BlockRange> _parts;
    private readonly byte[] _bytes;

    /// <param name="device">The volume.</param>
    /// <param name="name">Its path, for messages.</param>
    /// <param name="firstCluster">0 for the root directory.</param>
    /// <param name="parts">Where its bytes are, in order.</param>
    private FatDirectory(IBlockDevice device, string name, uint firstCluster, List<BlockRange> parts)
    {
        Name = name;
        FirstCluster = firstCluster;
        _parts = parts;
        long length = 0;
        foreach (BlockRange part in parts)
        {
            length += part.Length;
        }

        if (length > MaximumBytes)
        {
            throw new DiskFormatException("FatDirectoryDamaged", $"FAT directory {name}", parts[0].Offset, "at most 65536 entries",
                string.Create(CultureInfo.InvariantCulture, $"{length / FatEntryView.Size}"));
        }

        _bytes = new byte[length];
        int filled = 0;
        foreach (BlockRange part in parts)
        {
            device.Read(part.Offset, _bytes.AsSpan(filled, (int)part.Length));
            filled += (int)part.Length;
        }
    }

    public string Name { get; }

    /// <summary>As <c>..</c> of its children names it: 0 for the root directory.</summary>
    public uint FirstCluster { get; }

    /// <summary>The root directory of FAT12 and FAT16, which cannot grow.</summary>
    public bool IsFixed { get; private init; }

    /// <summary>Entries of 32 bytes that have room.</summary>
    public int SlotCount => _bytes.Length / FatEntryView.Size;

    /// <summary>The fixed root directory of FAT12 and FAT16, or a chain of clusters.</summary>
    public static FatDirectory Load(IBlockDevice device, FatBootSector boot, FatTable table, string name, uint firstCluster)
    {
        if (firstCluster == 0 && boot.Type != FatType.Fat32)
        {
            return new FatDirectory(device, name, 0, [new BlockRange(boot.RootOffset, boot.RootEntries * (long)FatEntryView.Size)])
            {
                IsFixed = true,
            };
        }

        List<BlockRange> parts = [];
        foreach (FatRun run in table.ReadChain(firstCluster == 0 ? boot.RootCluster : firstCluster, name))
        {
            parts.Add(new BlockRange(boot.OffsetOf(run.Cluster), run.Count * (long)boot.ClusterSize));
        }

        if (parts.Count == 0)
        {
            throw new DiskFormatException("FatDirectoryDamaged", $"FAT directory {name}", 0, "a first cluster", "0");
        }

        return new FatDirectory(device, name, firstCluster == boot.RootCluster ? 0 : firstCluster, parts);
    }

    public FatEntryView Slot(int index) => new(_bytes.AsSpan(index * FatEntryView.Size, FatEntryView.Size));

    /// <summary>Where an entry is on the volume.</summary>
    public long OffsetOf(int slot)
    {
        long within = slot * (long)FatEntryView.Size;
        foreach (BlockRange part in _parts)
        {
            if (within < part.Length)
            {
                return part.Offset + within;
            }

            within -= part.Length;
        }

        throw new ArgumentOutOfRangeException(nameof(slot));
    }

    /// <summary>Files and directories, without <c>.</c>, <c>..</c> and the label.</summary>
    /// <exception cref="DiskFormatException"><c>FatNameInvalid</c>: a name that no file can have.</exception>
    public IEnumerable<FatEntry> Entries(FatType type)
    {
        FatLongName longName = new();
        for (int i = 0; i < SlotCount && !Slot(i).IsEnd; i++)
        {
            if (ReadSlot(i, type, longName) is { } entry)
            {
                yield return entry;
            }
        }
    }

    /// <summary>The label that the root directory holds, or null.</summary>
    public string? FindLabel()
    {
        for (int i = 0; i < SlotCount && !Slot(i).IsEnd; i++)
        {
            FatEntryView slot = Slot(i);
            if (!slot.IsDeleted && !slot.IsLongName && (slot.Attributes & FatEntryView.VolumeLabel) != 0)
            {
                return FatShortName.ReadLabel(slot.Name);
            }
        }

        return null;
    }

    private FatEntry? ReadSlot(int index, FatType type, FatLongName longName)
    {
        FatEntryView slot = Slot(index);
        if (slot.IsLongName && !slot.IsDeleted)
        {
            longName.Add(slot.Bytes);
            return null;
        }

        if (slot.IsDeleted || slot.IsDot || (slot.Attributes & FatEntryView.VolumeLabel) != 0)
        {
            longName.Clear();
            return null;
        }

        string shortName = FatShortName.Read(slot.Name, slot.CaseBits);
        string name = longName.Finish(slot.Name) ?? shortName;
        longName.Clear();
        if (!FatShortName.IsFileName(name) || !FatShortName.IsFileName(shortName))
        {
            throw new DiskFormatException("FatNameInvalid", $"FAT directory {Name}", OffsetOf(index), "a file name",
                "characters that no name can have", "Run chkdsk on the volume in the guest.");
        }

        return new FatEntry(name, shortName, slot.Attributes, slot.FirstCluster(type), slot.Length, slot.Modified, OffsetOf(index));
    }
}
