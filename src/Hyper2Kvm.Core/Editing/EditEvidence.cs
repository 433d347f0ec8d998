using System.Security.Cryptography;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Images;

namespace Hyper2Kvm.Editing;

/// <summary>What proves later which bytes an edit stood on and which it made. Its cost is that of the changes, not of the disk.</summary>
/// <param name="VirtualSize">Bytes that the guest sees.</param>
/// <param name="SourceFiles">The source's files, each with the hash of its head.</param>
/// <param name="Ranges">What changed.</param>
internal sealed record EditEvidence(long VirtualSize, IReadOnlyList<EditedFile> SourceFiles, IReadOnlyList<ChangedRange> Ranges)
{
    private const int HeadSize = 64 * 1024;
    private const int BufferSize = 1024 * 1024;

    /// <param name="source">The image that the edit stands on.</param>
    /// <param name="before">The disk before this edit.</param>
    /// <param name="after">The disk after it.</param>
    public static EditEvidence Collect(DiskImage source, IBlockDevice before, OverlayBlockDevice after)
    {
        byte[] buffer = new byte[BufferSize];
        return new EditEvidence(
            source.Length,
            DescribeFiles(source),
            [.. Merge(after.DirtyRanges).Select(range => new ChangedRange(
                range.Offset, range.Length, Hash(before, range, buffer), Hash(after, range, buffer)))]);
    }

    /// <summary>The files of an image, each with the hash of its head.</summary>
    public static IReadOnlyList<EditedFile> DescribeFiles(DiskImage image)
    {
        byte[] buffer = new byte[HeadSize];
        return [.. image.Files.Select(file => Describe(file, buffer))];
    }

    /// <summary>Hash of a whole host file.</summary>
    public static string HashFile(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Sha256Text.Of(stream);
    }

    private static EditedFile Describe(string path, byte[] buffer)
    {
        FileInfo file = new(path);
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        int count = stream.ReadAtLeast(buffer.AsSpan(0, HeadSize), HeadSize, throwOnEndOfStream: false);
        return new EditedFile(path, stream.Length, file.LastWriteTimeUtc, Sha256Text.Of(buffer.AsSpan(0, count)));
    }

    private static string Hash(IBlockDevice device, BlockRange range, byte[] buffer)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (long at = range.Offset; at < range.End; at += BufferSize)
        {
            Span<byte> part = buffer.AsSpan(0, (int)Math.Min(BufferSize, range.End - at));
            device.Read(at, part);
            hash.AppendData(part);
        }

        return Sha256Text.Of(hash);
    }

    private static List<BlockRange> Merge(IReadOnlyList<BlockRange> ranges)
    {
        List<BlockRange> merged = [];
        foreach (BlockRange range in ranges)
        {
            if (merged.Count > 0 && merged[^1].End == range.Offset)
            {
                merged[^1] = new BlockRange(merged[^1].Offset, merged[^1].Length + range.Length);
            }
            else
            {
                merged.Add(range);
            }
        }

        return merged;
    }
}
