using System.Buffers.Binary;

namespace Hyper2Kvm.Unit.Images;

/// <summary>Writes the extents of ESX snapshots as their formats say: no tool here makes them. QEMU judges what comes out.</summary>
internal static class EsxExtents
{
    private const int Sector = 512;

    /// <summary>A COWD extent that holds every grain for which <paramref name="held"/> is true.</summary>
    /// <param name="grainSectors">1 as ESX writes it, or another power of two.</param>
    public static byte[] Cowd(byte[] disk, int grainSectors, Func<int, bool> held)
    {
        int sectors = disk.Length / Sector;
        int grains = (sectors + grainSectors - 1) / grainSectors;
        int tables = (grains + 4095) / 4096;
        int firstTable = 4 + (((tables * 4) + Sector - 1) / Sector);
        using MemoryStream file = new();
        file.SetLength((firstTable + (tables * 32)) * Sector);
        byte[] header = new byte[4 * Sector];
        "COWD"u8.CopyTo(header);
        (int At, int Value)[] fields = [(4, 1), (8, 3), (12, sectors), (16, grainSectors), (20, 4), (24, tables)];
        foreach ((int at, int value) in fields)
        {
            BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(at), value);
        }

        Put(file, 0, header);
        for (int grain = 0; grain < grains; grain++)
        {
            if (held(grain))
            {
                int table = firstTable + (grain / 4096 * 32);
                Put(file, (4 * Sector) + (grain / 4096 * 4), U32(table));
                Put(file, (table * Sector) + (grain % 4096 * 4), U32((int)(file.Length / Sector)));
                Put(file, file.Length, Block(disk, grain, grainSectors * Sector));
            }
        }

        return file.ToArray();
    }

    /// <summary>A seSparse extent; its grain tables and grains are in another order than on the disk.</summary>
    /// <param name="kind">Of each grain of 4 KiB: 0 not here, 1 unmapped, 2 zero, 3 here.</param>
    public static byte[] SeSparse(byte[] disk, Func<int, int> kind)
    {
        int grains = (disk.Length + 4095) / 4096;
        int tables = (grains + 4095) / 4096;
        (int At, ulong Value)[] fields =
        [
            (0, 0xCAFEBABE), (8, 0x200000001), (16, (ulong)(disk.Length / Sector)), (24, 8), (32, 64), (80, 1), (88, 1), (96, 2), (104, 2),
            (112, 4), (120, 4), (128, 8), (136, 8), (144, 64), (152, (ulong)tables * 64), (160, 64 + ((ulong)tables * 64)), (168, 8),
            (176, 72 + ((ulong)tables * 64)), (184, 8), (192, 128 + ((ulong)tables * 64)), (200, (ulong)grains * 8),
        ];
        byte[] header = new byte[Sector];
        foreach ((int at, ulong value) in fields)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(at), value);
        }

        using MemoryStream file = new();
        int firstGrain = (128 + (tables * 64)) * Sector;
        file.SetLength(firstGrain + (grains * 4096L));
        Put(file, 0, header);
        Put(file, Sector, U64(0xCAFECAFE));
        for (int grain = 0; grain < grains; grain++)
        {
            int table = tables - 1 - (grain / 4096);
            ulong place = (ulong)(grains - 1 - grain);
            ulong entry = ((ulong)kind(grain) << 60) | (kind(grain) == 3 ? ((place & 0xFFF) << 48) | (place >> 12) : 0);
            if (entry != 0)
            {
                Put(file, (8 * Sector) + (grain / 4096 * 8), U64(0x1000000000000000UL | (uint)table));
                Put(file, ((64 + (table * 64)) * Sector) + (grain % 4096 * 8), U64(entry));
            }

            if (entry >> 60 == 3)
            {
                Put(file, firstGrain + ((long)place * 4096), Block(disk, grain, 4096));
            }
        }

        return file.ToArray();
    }

    /// <summary>A descriptor of one or more extents.</summary>
    public static string Descriptor(string type, string extents, string id = "11111111", string parentId = "ffffffff", string? parent = null) =>
        $"# Disk DescriptorFile\nversion=1\nencoding=\"UTF-8\"\nCID={id}\nparentCID={parentId}\nisNativeSnapshot=\"no\"\ncreateType=\"{type}\"\n"
        + (parent is null ? "" : $"parentFileNameHint=\"{parent}\"\n")
        + $"# Extent description\n{extents}\n\n# The Disk Data Base \n#DDB\n\nddb.adapterType = \"lsilogic\"\n";

    private static byte[] Block(byte[] disk, int index, int size)
    {
        byte[] block = new byte[size];
        disk.AsSpan(index * size, Math.Min(size, disk.Length - (index * size))).CopyTo(block);
        return block;
    }

    private static byte[] U32(int value) => BitConverter.GetBytes(value);

    private static byte[] U64(ulong value) => BitConverter.GetBytes(value);

    private static void Put(MemoryStream file, long place, byte[] bytes)
    {
        file.Position = place;
        file.Write(bytes);
    }
}
