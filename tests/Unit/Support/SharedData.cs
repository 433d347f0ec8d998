using System.IO.Compression;

namespace Hyper2Kvm.Unit.Support;

/// <summary>Real hives, stores, volumes and images that nobody here made. They are not part of the repository.</summary>
/// <remarks>Taken from the folder that HYPER2KVM_TEST_DATA names, else from ../shared/data beside the checkout.</remarks>
internal static class SharedData
{
    private static readonly string? s_root = FindRoot();

    public static bool Has(string relativePath) => s_root is not null && File.Exists(Path.Combine(s_root, relativePath));

    public static string PathOf(string relativePath) => Path.Combine(s_root!, relativePath);

    /// <summary>The content; a <c>.gz</c> is unpacked.</summary>
    public static byte[] Read(string relativePath)
    {
        byte[] bytes = File.ReadAllBytes(PathOf(relativePath));
        if (!relativePath.EndsWith(".gz", StringComparison.Ordinal))
        {
            return bytes;
        }

        using GZipStream gzip = new(new MemoryStream(bytes), CompressionMode.Decompress);
        using MemoryStream unpacked = new();
        gzip.CopyTo(unpacked);
        return unpacked.ToArray();
    }

    private static string? FindRoot()
    {
        string? named = Environment.GetEnvironmentVariable("HYPER2KVM_TEST_DATA");
        return named ?? (Repository.Root is { } root && Path.GetFullPath(Path.Combine(root, "../shared/data")) is var beside
            && Directory.Exists(beside) ? beside : null);
    }
}
