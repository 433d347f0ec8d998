using Hyper2Kvm.Conversion;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Images;
using Hyper2Kvm.Images.Conversion;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Conversion;

/// <summary>Converts images, and lets QEMU judge what came out.</summary>
internal static class Conversions
{
    public static DiskConversion Run(
        string source, string target, ConversionSettings? settings = null, bool skipFreeSpace = false, bool verify = true, bool resume = false,
        IReporter? reporter = null, CancellationToken token = default) => DiskConverter.Run(
            new DiskConversionRequest
            {
                ImagePath = source,
                Destination = target,
                Settings = settings ?? new ConversionSettings(ImageFormat.Qcow2),
                SkipFreeSpace = skipFreeSpace,
                Verify = verify,
                Resume = resume,
            },
            reporter ?? SilentReporter.Instance,
            token);

    /// <summary>QEMU finds no fault in the file, and the same disk in both.</summary>
    public static void AssertSame(string source, string target, bool isRaw = false)
    {
        if (!isRaw)
        {
            Assert.Contains("No errors were found", ForeignTool.RunOk("qemu-img", "check", target), StringComparison.Ordinal);
        }

        ForeignTool.RunOk("qemu-img", "compare", "-F", isRaw ? "raw" : "qcow2", source, target);
    }

    public static IEnumerable<ConversionSettings> AllSettings()
    {
        yield return new ConversionSettings(ImageFormat.Raw);
        foreach (ImageCompression compression in Enum.GetValues<ImageCompression>())
        {
            for (int size = 512; size <= 2 * 1024 * 1024; size *= 2)
            {
                yield return new ConversionSettings(ImageFormat.Qcow2, compression, size);
            }
        }
    }
}
