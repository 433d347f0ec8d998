using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;

namespace Hyper2Kvm.Drivers;

/// <summary>SHA-256 of driver files and of packages, in lower-case hex.</summary>
internal static class PackageHash
{
    private const int ChunkLength = 64 << 10;

    public static string OfFile(IBlockDevice file)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ChunkLength);
        try
        {
            for (long offset = 0; offset < file.Length; offset += ChunkLength)
            {
                Span<byte> chunk = buffer.AsSpan(0, (int)Math.Min(ChunkLength, file.Length - offset));
                file.Read(offset, chunk);
                hash.AppendData(chunk);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return Sha256Text.Of(hash);
    }

    /// <summary>Of the names and contents of all files, whatever their order and the case of their names.</summary>
    public static string OfPackage(IEnumerable<PlannedFile> files)
    {
        IEnumerable<string> lines = files.Select(file => $"{file.Name.ToLowerInvariant()}\0{file.Sha256}\n").Order(StringComparer.Ordinal);
        return Sha256Text.Of(Encoding.UTF8.GetBytes(string.Concat(lines)));
    }
}
