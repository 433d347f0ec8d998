using System.Globalization;

namespace Hyper2Kvm.Migration.Reports;

/// <summary>Fetches the screenshots of a boot, as many and as large as a page bears.</summary>
internal static class ReportPictures
{
    private const int MaxPictures = 8;
    private const int MaxBytes = 4 * 1024 * 1024;
    private static readonly byte[] s_signature = [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>The last ones: there the boot ended.</summary>
    public static IReadOnlyList<ReportPicture> Of(KvmBootResult boot) =>
    [
        .. boot.Screenshots.TakeLast(MaxPictures).Select((path, index) => new ReportPicture(
            path,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{boot.Phase} boot of {boot.Name}, screenshot {Math.Max(0, boot.Screenshots.Count - MaxPictures) + index + 1} of {boot.Screenshots.Count}"),
            Read(path))),
    ];

    private static byte[]? Read(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        using FileStream file = File.OpenRead(path);
        if (file.Length is < 8 or > MaxBytes)
        {
            return null;
        }

        byte[] content = new byte[file.Length];
        file.ReadExactly(content);
        return content.AsSpan().StartsWith(s_signature) ? content : null;
    }
}
