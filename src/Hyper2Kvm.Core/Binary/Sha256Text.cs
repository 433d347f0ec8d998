using System.Security.Cryptography;

namespace Hyper2Kvm.Binary;

/// <summary>SHA-256 in lower-case hex, as plans, logs and names hold it.</summary>
internal static class Sha256Text
{
    public static string Of(ReadOnlySpan<byte> bytes) => Hex(SHA256.HashData(bytes));

    /// <summary>Of the rest of the stream.</summary>
    public static string Of(Stream stream) => Hex(SHA256.HashData(stream));

    /// <summary>Takes the hash out, and begins anew.</summary>
    public static string Of(IncrementalHash hash) => Hex(hash.GetHashAndReset());

    private static string Hex(byte[] hash) => Convert.ToHexString(hash).ToLowerInvariant();
}
