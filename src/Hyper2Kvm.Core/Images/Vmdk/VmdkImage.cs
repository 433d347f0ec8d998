using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Images.Vmdk;

// VMware "Virtual Disk Format 5.0": a link of a VMDK chain is a descriptor and its extents, one after the other; what a snapshot's sparse
// extents do not hold is in its parent, the disk that its descriptor names.

/// <summary>A VMDK: its descriptor, inside a sparse extent or in a file of its own, its extents, and its parents.</summary>
public sealed class VmdkImage : DiskImage
{
    private const int Sector = SparseExtentHeader.Sector;

    private readonly FileBlockDevice _file;
    private readonly VmdkDescriptor _descriptor;
    private readonly BlockRange _descriptorPlace;

    /// <summary>In order; without an image: zeros.</summary>
    private readonly List<(BlockRange Range, DiskImage? Image)> _extents = [];

    private VmdkImage? _parent;

    /// <param name="file">The descriptor's file, taken over.</param>
    /// <param name="descriptor">As read from it.</param>
    /// <param name="place">Where the descriptor is in the file.</param>
    private VmdkImage(FileBlockDevice file, VmdkDescriptor descriptor, BlockRange place)
    {
        _file = file;
        _descriptor = descriptor;
        _descriptorPlace = place;
    }

    public override string Path => _file.Path;

    public override ImageFormat Format => ImageFormat.Vmdk;

    /// <summary>The createType of the descriptor.</summary>
    public override string Variant => _descriptor.CreateType;

    public override long Length => _extents[^1].Range.End;

    public override DiskImage? Backing => _parent;

    /// <inheritdoc/>
    /// <remarks>As of QEMU 10; where it passes over an extent, it reads another disk without a word.</remarks>
    public override string? QemuObstacle
    {
        get
        {
            if (!_descriptor.IsForQemu)
            {
                return $"QEMU does not read the descriptor of '{Path}' as it is written";
            }

            for (int i = 0; i < _extents.Count; i++)
            {
                bool isEmbedded = _extents[i].Image?.Path == Path;
                if (!isEmbedded && !_descriptor.Extents[i].IsForQemu)
                {
                    return $"QEMU does not read extent {i + 1} of '{Path}' (RDONLY, ZERO, or an offset or name that it does not take)";
                }

                if (_extents[i].Image?.QemuObstacle is { } obstacle)
                {
                    return obstacle;
                }
            }

            return _parent?.QemuObstacle;
        }
    }

    public override IReadOnlyList<string> Files
    {
        get
        {
            List<string> files = [Path];
            foreach ((_, DiskImage? image) in _extents)
            {
                if (image is not null && !files.Contains(image.Path))
                {
                    files.Add(image.Path);
                }
            }

            return _parent is null ? files : [.. files, .. _parent.Files];
        }
    }

    public override void Read(long offset, Span<byte> buffer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - buffer.Length);
        for (int i = IndexOf(offset); buffer.Length > 0; i++)
        {
            (BlockRange range, DiskImage? image) = _extents[i];
            Span<byte> part = buffer[..(int)Math.Min(range.End - offset, buffer.Length)];
            if (image is null)
            {
                part.Clear();
            }
            else
            {
                image.Read(offset - range.Offset, part);
            }

            buffer = buffer[part.Length..];
            offset += part.Length;
        }
    }

    /// <inheritdoc/>
    public override IEnumerable<BlockRange> AllocatedRanges()
    {
        BlockRange held = default;
        foreach ((BlockRange range, DiskImage? image) in _extents)
        {
            foreach (BlockRange part in image?.AllocatedRanges() ?? (_parent is null ? [] : [range with { Offset = 0 }]))
            {
                BlockRange next = new(range.Offset + part.Offset, part.Length);
                if (held.End == next.Offset)
                {
                    held = held with { Length = held.Length + next.Length };
                    continue;
                }

                if (held.Length > 0)
                {
                    yield return held;
                }

                held = next;
            }
        }

        if (held.Length > 0)
        {
            yield return held;
        }
    }

    internal override DiskRun Locate(long offset, long length)
    {
        (BlockRange range, DiskImage? image) = _extents[IndexOf(offset)];
        length = Math.Min(length, range.End - offset);
        return image is null ? DiskRun.Zeros(length) : image.Locate(offset - range.Offset, length);
    }

    internal override void ReadRun(MappedRun run, long offset, Span<byte> buffer) => throw new NotSupportedException("Only the extents have runs.");

    /// <summary>Takes over <paramref name="file"/>, a hosted sparse extent with its descriptor inside.</summary>
    internal static VmdkImage OpenEmbedded(FileBlockDevice file, ImageLink link)
    {
        SparseExtentHeader header = SparseExtentHeader.Read(file);
        if (header.DescriptorOffset == 0)
        {
            throw LoneExtent.Refuse(file.Path);
        }

        if (header.DescriptorSectors is 0 or > VmdkDescriptor.MaxBytes / Sector)
        {
            throw new DiskFormatException(
                "VmdkHeaderDamaged", $"VMDK sparse extent header of '{file.Path}'", 36,
                $"a descriptor of 1 to {VmdkDescriptor.MaxBytes / Sector} sectors", $"{header.DescriptorSectors}", ImageRemedy.Damaged);
        }

        byte[] text = new byte[header.DescriptorSectors * Sector];
        file.ReadChecked(header.DescriptorOffset * Sector, text, "VmdkImageTruncated", $"VMDK descriptor of '{file.Path}'");
        if (!text.AsSpan().ContainsAnyExcept((byte)0))
        {
            throw LoneExtent.Refuse(file.Path); // QEMU leaves room for a descriptor in every extent
        }

        VmdkDescriptor descriptor = VmdkDescriptor.Read(text, file.Path, isEmbedded: true);
        CheckEmbedded(descriptor, header, file.Path);
        VmdkImage image = new(file, descriptor, new BlockRange(header.DescriptorOffset * Sector, text.Length));
        return Build(image, link, (_, below) => new HostedSparseExtent(file, header, below));
    }

    /// <summary>Takes over <paramref name="file"/>, a descriptor whose extents are files beside it.</summary>
    internal static VmdkImage OpenDescriptor(FileBlockDevice file, ImageLink link)
    {
        VmdkDescriptor descriptor = VmdkDescriptor.Read(
            file.ReadAll(VmdkDescriptor.MaxBytes, "VmdkDescriptorDamaged", $"VMDK descriptor of '{file.Path}'"), file.Path);
        return descriptor.CreateType is "monolithicFlat" or "twoGbMaxExtentFlat" or "twoGbMaxExtentSparse" or "vmfs" or "vmfsSparse" or "seSparse"
            ? Build(new VmdkImage(file, descriptor, new BlockRange(0, file.Length)), link, (index, below) => VmdkExtents.Open(descriptor, index, file.Path, below))
            : throw TypeNotSupported(descriptor.CreateType, file.Path);
    }

    /// <inheritdoc/>
    internal override string? InPlaceObstacle
    {
        get
        {
            foreach ((_, DiskImage? image) in _extents)
            {
                if (image?.InPlaceObstacle is { } obstacle)
                {
                    return obstacle;
                }
            }

            return null;
        }
    }

    internal override HostRange? FindOwn(long offset, long length)
    {
        int index = IndexOf(offset);
        (BlockRange range, DiskImage? image) = _extents[index];
        bool mayWrite = image is not null && (image.Path == Path || _descriptor.Extents[index].IsForQemu);
        return mayWrite ? image!.FindOwn(offset - range.Offset, Math.Min(length, range.End - offset)) : null;
    }

    /// <inheritdoc/>
    /// <remarks>The content id: "a new value is written the first time the content changes after the disk was opened". A snapshot that
    /// stands on this disk is then refused, by us and by VMware alike, instead of giving a disk that never was.</remarks>
    internal override IReadOnlyList<HostPatch> ChangeMarks() => VmdkContentId.Renew(_file, _descriptorPlace);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _extents.ForEach(extent => extent.Image?.Dispose());
            _parent?.Dispose();
            _file.Dispose();
        }
    }

    private static VmdkImage Build(VmdkImage image, ImageLink link, Func<int, DiskImage?, DiskImage?> open)
    {
        VmdkDescriptor descriptor = image._descriptor;
        bool isComplete = false;
        try
        {
            image.OpenParent(link);
            long start = 0;
            for (int i = 0; i < descriptor.Extents.Count; i++)
            {
                DiskImage? extent = open(i, image._parent is null ? null : new ParentSlice(image._parent, start));
                long length = extent?.Length ?? descriptor.Extents[i].Sectors * Sector;
                image._extents.Add((new BlockRange(start, length), extent));
                start += length;
            }

            isComplete = true;
            return image;
        }
        finally
        {
            if (!isComplete)
            {
                image.Dispose();
            }
        }
    }

    /// <summary>A parent that was written to since the snapshot was taken gives a disk that never was.</summary>
    private void OpenParent(ImageLink link)
    {
        if (_descriptor.ParentFile is null)
        {
            return;
        }

        _parent = (VmdkImage)ImageDetector.OpenBacking(link.Below(_descriptor.ParentFile), "vmdk");
        if (_parent._descriptor.ContentId != _descriptor.ParentContentId)
        {
            throw new DiskFormatException(
                "BackingFileChanged", $"VMDK snapshot '{Path}'", 0,
                $"its parent '{_parent.Path}' with CID {_descriptor.ParentContentId:x8}, as when the snapshot was taken",
                _parent._descriptor.ContentId is { } id ? $"CID {id:x8}" : "no CID",
                "The parent was changed, or it is another disk: copy the whole chain again from its host.");
        }
    }

    private int IndexOf(long offset)
    {
        int low = 0;
        int high = _extents.Count - 1;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = _extents[middle].Range.End > offset ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    private static void CheckEmbedded(VmdkDescriptor descriptor, SparseExtentHeader header, string path)
    {
        if (descriptor.CreateType != (header.IsCompressed ? "streamOptimized" : "monolithicSparse"))
        {
            throw TypeNotSupported(descriptor.CreateType, path);
        }

        // The header's capacity may be rounded up to whole grains; QEMU takes the header's, and so does the overlay that it runs.
        if (descriptor.Extents is not [{ Type: VmdkExtentLine.Sparse, Sectors: long sectors }]
            || sectors > header.Capacity || header.Capacity - sectors >= header.GrainSectors)
        {
            throw VmdkDescriptor.Damaged(
                path, $"one extent of {header.Capacity} sectors as in the header",
                $"{descriptor.Extents.Count}, the first of {descriptor.Extents[0].Sectors}");
        }
    }

    private static UnsupportedFeatureException TypeNotSupported(string createType, string path) => new(
        "VmdkTypeNotSupported", $"VMDK createType '{createType}' in this form", $"'{path}'", ImageRemedy.Convert);
}
