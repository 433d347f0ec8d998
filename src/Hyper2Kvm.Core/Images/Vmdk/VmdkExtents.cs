using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Images.Vmdk;

/// <summary>Opens the files that a descriptor names.</summary>
internal static class VmdkExtents
{
    private const int Sector = SparseExtentHeader.Sector;

    /// <param name="descriptor">The descriptor.</param>
    /// <param name="index">Of the extent.</param>
    /// <param name="path">The descriptor's file.</param>
    /// <param name="below">What shows through where the extent has nothing, or null.</param>
    /// <returns>The extent, or null for one of zeros that has no file.</returns>
    public static DiskImage? Open(VmdkDescriptor descriptor, int index, string path, DiskImage? below)
    {
        VmdkExtentLine line = descriptor.Extents[index];
        if (line.FileName is null)
        {
            return null;
        }

        RefuseSecondUse(descriptor, index, path);
        FileBlockDevice file = new(PathOf(line.FileName, path));
        bool isRight = false;
        try
        {
            DiskImage extent = OpenKind(file, line, below);
            CheckSize(extent, file, descriptor, index, path);
            isRight = true;
            return extent;
        }
        finally
        {
            if (!isRight)
            {
                file.Dispose(); // all that an extent owns
            }
        }
    }

    private static DiskImage OpenKind(FileBlockDevice file, VmdkExtentLine line, DiskImage? below)
    {
        if (line.IsFlat)
        {
            return new FlatExtent(file, line);
        }

        if (line.Type == VmdkExtentLine.SeSparse)
        {
            return new SeSparseExtent(file, below);
        }

        // SPARSE and VMFSSPARSE are told apart by their magic, as QEMU does.
        Span<byte> magic = stackalloc byte[4];
        file.ReadChecked(0, magic, "VmdkImageTruncated", $"VMDK extent '{file.Path}'");
        return Le.U32(magic, 0) == CowdExtent.Magic
            ? CowdExtent.Open(file, below)
            : new HostedSparseExtent(file, SparseExtentHeader.Read(file), below);
    }

    /// <summary>Size of one and place of the next are what descriptor and extent agree on.</summary>
    private static void CheckSize(DiskImage extent, FileBlockDevice file, VmdkDescriptor descriptor, int index, string path)
    {
        VmdkExtentLine line = descriptor.Extents[index];
        bool isLast = index == descriptor.Extents.Count - 1;
        long wanted = line.Sectors * Sector;
        if (line.IsFlat)
        {
            // The last one may be a part of a longer file: the disk's beginning is right all the same.
            if (!isLast && (line.Offset * Sector) + wanted < file.Length && CountOf(descriptor, line.FileName!) == 1)
            {
                throw VmdkDescriptor.Damaged(path, $"all {file.Length} bytes of '{line.FileName}'", $"{wanted}");
            }

            return;
        }

        // A header's capacity may be rounded up to whole grains; QEMU takes the header's, and so does the overlay that it runs.
        long grain = extent is HostedSparseExtent hosted ? hosted.GrainBytes : SeSparseHeader.GrainSectors * Sector;
        if (wanted > extent.Length || extent.Length - wanted >= (isLast ? grain : 1))
        {
            throw VmdkDescriptor.Damaged(path, $"{extent.Length / Sector} sectors as in the header of '{line.FileName}'", $"{line.Sectors}");
        }
    }

    /// <summary>A file with tables is one extent; parts of a flat one do not overlap.</summary>
    private static void RefuseSecondUse(VmdkDescriptor descriptor, int index, string path)
    {
        VmdkExtentLine line = descriptor.Extents[index];
        for (int i = 0; i < index; i++)
        {
            VmdkExtentLine other = descriptor.Extents[i];
            bool apart = line.IsFlat && other.IsFlat
                && (line.Offset >= other.Offset + other.Sectors || other.Offset >= line.Offset + line.Sectors);
            if (!apart && string.Equals(line.FileName, other.FileName, StringComparison.OrdinalIgnoreCase))
            {
                throw VmdkDescriptor.Damaged(path, "each extent once", $"'{line.FileName}' twice");
            }
        }
    }

    private static int CountOf(VmdkDescriptor descriptor, string fileName)
    {
        int count = 0;
        foreach (VmdkExtentLine line in descriptor.Extents)
        {
            count += string.Equals(line.FileName, fileName, StringComparison.OrdinalIgnoreCase) ? 1 : 0;
        }

        return count;
    }

    /// <summary>Extents lie beside their descriptor. A descriptor that leads elsewhere could make a disk of any file of the host.</summary>
    private static string PathOf(string name, string path)
    {
        if (name is "." or ".." || name.AsSpan().ContainsAny('/', '\\', ':'))
        {
            throw new UnsupportedFeatureException(
                "VmdkExtentElsewhere", $"a VMDK extent that is not beside its descriptor ('{name}')", $"'{path}'",
                "Put the extents beside the descriptor, and write their names without a path in its extent lines.");
        }

        string extent = Path.Combine(Path.GetDirectoryName(path)!, name);
        return File.Exists(extent) ? extent : throw new GuestItemNotFoundException(
            "VmdkExtentMissing", extent, $"'{path}' needs its extent '{extent}', which is not there.",
            "Copy all files of the disk into one folder.");
    }
}
