using System.Globalization;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Iso9660;

/// <summary>Reads a directory sector by sector: no record crosses the border of a sector (ECMA-119, 6.8.1.1).</summary>
internal static class IsoDirectory
{
    private const int SectorSize = 2048;
    private const long MaximumBytes = 64L << 20;

    /// <summary>The entries, without the directory itself, its parent and associated files; the extents of a file together.</summary>
    public static IEnumerable<IsoEntry> Read(IBlockDevice image, IsoVolumeDescriptor volume, BlockRange extent)
    {
        if (extent.Length > MaximumBytes)
        {
            throw new DiskFormatException("IsoDirectoryDamaged", "ISO 9660 directory", extent.Offset, "at most 64 MiB",
                string.Create(CultureInfo.InvariantCulture, $"{extent.Length} bytes"));
        }

        IsoEntry? open = null;
        foreach (IsoDirectoryRecord record in Records(image, volume, extent))
        {
            if (record.Name.Length == 0 || record.IsAssociated)
            {
                continue;
            }

            BlockRange part = new(record.Block * volume.BlockSize, record.DataLength);
            IsoEntry entry = Join(open, record, part);
            open = record.IsContinued ? entry : null;
            if (open is null)
            {
                yield return entry;
            }
        }

        if (open is not null)
        {
            throw new DiskFormatException("IsoDirectoryDamaged", "ISO 9660 directory", extent.End, "the last extent of a file", "the end");
        }
    }

    private static IsoEntry Join(IsoEntry? open, IsoDirectoryRecord record, BlockRange part)
    {
        if (open is null)
        {
            return new IsoEntry(record, [part], part.Length);
        }

        if (open.Record.Name != record.Name || record.IsDirectory)
        {
            throw new DiskFormatException("IsoDirectoryDamaged", "ISO 9660 directory record", part.Offset, "the next extent of a file",
                "another file");
        }

        open.Extents.Add(part);
        return open with
        {
            Length = open.Length + part.Length,
            Record = open.Record with { IsInterleaved = open.Record.IsInterleaved || record.IsInterleaved },
        };
    }

    private static IEnumerable<IsoDirectoryRecord> Records(IBlockDevice image, IsoVolumeDescriptor volume, BlockRange extent)
    {
        byte[] sector = new byte[SectorSize];
        for (long offset = 0; offset < extent.Length; offset += SectorSize)
        {
            int filled = (int)Math.Min(SectorSize, extent.Length - offset);
            image.ReadChecked(extent.Offset + offset, sector.AsSpan(0, filled), "IsoExtentOutside", "ISO 9660 directory");
            for (int at = 0; at < filled && sector[at] != 0;)
            {
                if (filled - at < IsoDirectoryRecord.MinimumLength)
                {
                    throw new DiskFormatException("IsoDirectoryDamaged", "ISO 9660 directory record", extent.Offset + offset + at,
                        "a whole record", "the end of the sector");
                }

                IsoDirectoryRecord record = IsoDirectoryRecord.Read(
                    sector.AsSpan(at, filled - at), volume.IsJoliet, extent.Offset + offset + at);
                yield return record;
                at += record.Length;
            }
        }
    }
}
