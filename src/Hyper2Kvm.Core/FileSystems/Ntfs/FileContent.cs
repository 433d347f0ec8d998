using Hyper2Kvm.Blocks;

namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>Fills a file's data.</summary>
internal static class FileContent
{
    private const int ChunkSize = 1 << 20;

    /// <summary>Gives the file this content and length.</summary>
    public static void Replace(WriteContext context, FileEditor file, IBlockDevice content)
    {
        new StreamEditor(context, file, AttributeType.Data, "").SetLength(content.Length, zero: false);
        AttributeData data = file.Read(AttributeType.Data, "");
        if (data.Resident is { } resident)
        {
            content.Read(0, resident);
            file.WriteStream(AttributeType.Data, "", 0, resident);
            return;
        }

        byte[] chunk = new byte[(int)Math.Min(ChunkSize, content.Length)];
        for (long at = 0; at < content.Length; at += chunk.Length)
        {
            Span<byte> part = chunk.AsSpan(0, (int)Math.Min(chunk.Length, content.Length - at));
            content.Read(at, part);
            context.WriteContent(data.Runs, at, part);
        }

        long end = (content.Length + context.ClusterSize - 1) / context.ClusterSize * context.ClusterSize;
        context.WriteZeros(data.Runs, content.Length, end);
        file.SetInitialized(AttributeType.Data, "", content.Length);
    }

    public static bool AreEqual(IBlockDevice left, IBlockDevice right)
    {
        if (left.Length != right.Length)
        {
            return false;
        }

        byte[] leftChunk = new byte[(int)Math.Min(ChunkSize, left.Length)];
        byte[] rightChunk = new byte[leftChunk.Length];
        for (long at = 0; at < left.Length; at += leftChunk.Length)
        {
            int count = (int)Math.Min(leftChunk.Length, left.Length - at);
            left.Read(at, leftChunk.AsSpan(0, count));
            right.Read(at, rightChunk.AsSpan(0, count));
            if (!leftChunk.AsSpan(0, count).SequenceEqual(rightChunk.AsSpan(0, count)))
            {
                return false;
            }
        }

        return true;
    }
}
