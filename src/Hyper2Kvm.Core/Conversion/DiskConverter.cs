using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing.Commit;
using Hyper2Kvm.Images;
using Hyper2Kvm.Images.Conversion;
using Hyper2Kvm.Images.Qcow2;

namespace Hyper2Kvm.Conversion;

/// <summary>Makes a QCOW2 or raw image of any disk that can be read, wholly or not at all.</summary>
public static class DiskConverter
{
    private const string OverlayPart = ".kvm";
    private const int MinClusterSize = 512;
    private const int MaxClusterSize = 2 * 1024 * 1024;

    /// <summary>Converts the image. The new file appears when it is complete, flushed and, where that is asked for, compared.</summary>
    /// <param name="request">What to do.</param>
    /// <param name="reporter">Hears how far it is.</param>
    /// <param name="token">Stops; nothing is left behind then, unless the request says that it is to be gone on with.</param>
    /// <exception cref="Hyper2KvmException">The image, the options or the destination do not allow it.</exception>
    /// <exception cref="IOException">The host cannot read or write.</exception>
    public static DiskConversion Run(DiskConversionRequest request, IReporter reporter, CancellationToken token)
    {
        Stopwatch watch = Stopwatch.StartNew();
        reporter.Verbose($"Opening '{request.ImagePath}' read-only.");
        using DiskImage source = ImageDetector.Open(request.ImagePath);
        CheckSettings(request.Settings, source);
        string destination = Destination(request, source);
        CheckDestination(request, source, destination);
        List<BlockRange> none = [];
        IEnumerable<BlockRange> leftOut = request.SkipFreeSpace ? FreeSpace.Find(source, reporter) : none;
        DiskConversion result = new()
        {
            Layout = request.Layout,
            Plan = request.Plan,
            ImagePath = source.Path,
            ImageFormat = source.Format,
            SourcePath = source.Path,
            SourceFormat = source.Format,
            Destination = destination,
            VirtualSize = source.Length,
            BytesRead = 0,
            BytesWritten = 0,
            BytesLeftOut = leftOut.Sum(range => range.Length),
            IsVerified = false,
            Duration = watch.Elapsed,
        };
        if (request.Preview)
        {
            return result;
        }

        reporter.Verbose($"Writing '{destination}'.");
        using PartialFile file = PartialFile.Open(destination, Identity(request, source), request.Resume, request.Resume || request.KeepsPartial, out byte[]? state);
        ImageConverter converter = new(source, leftOut, request.Settings, file.Handle);
        Resume(converter, state, file, request, reporter);
        converter.Run(file.Keep, new ByteProgress(reporter, $"Converting '{source.Path}'").Report, token);
        file.Close();
        if (request.Verify)
        {
            Compare(request, source, leftOut, file.Path, new ByteProgress(reporter, $"Comparing '{destination}'").Report, token);
        }

        token.ThrowIfCancellationRequested();
        file.Complete(request.Force);
        return result with
        {
            ImagePath = destination,
            ImageFormat = request.Settings.Format,
            BytesRead = converter.BytesRead,
            BytesWritten = converter.BytesWritten,
            IsVerified = request.Verify,
            Duration = watch.Elapsed,
        };
    }

    private static void CheckSettings(ConversionSettings settings, DiskImage source)
    {
        int size = settings.ClusterSize;
        if (size is < MinClusterSize or > MaxClusterSize || !BitOperations.IsPow2(size))
        {
            throw new GuestStateException(
                "ClusterSizeInvalid", source.Path, $"A QCOW2 file cannot have clusters of {size} bytes.",
                "Give a power of two from 512 to 2097152; 65536 is right for most.");
        }

        if (settings.Format == ImageFormat.Raw && settings.Compression != ImageCompression.None)
        {
            throw new GuestStateException(
                "CompressionNeedsQcow2", source.Path, "A raw image cannot be compressed.", "Leave -Compression out, or convert to Qcow2.");
        }

        if (settings.Format == ImageFormat.Qcow2 && Qcow2Layout.L1Bytes(settings.ClusterBits, source.Length) > Qcow2Layout.MaxL1Bytes)
        {
            throw new GuestStateException(
                "ClusterSizeTooSmall", source.Path,
                string.Create(CultureInfo.InvariantCulture, $"A disk of {source.Length} bytes needs larger clusters than {size} bytes."),
                "Give a larger -ClusterSize; 65536 is enough for 2 PiB.");
        }
    }

    private static string Destination(DiskConversionRequest request, DiskImage source)
    {
        string image = source.Bundle ?? source.Path;
        string place = Path.GetFullPath(request.Destination ?? Path.GetDirectoryName(image)!);
        if (!Directory.Exists(place))
        {
            return place;
        }

        string name = Path.GetFileNameWithoutExtension(source.Path);
        name = name.EndsWith(OverlayPart, StringComparison.OrdinalIgnoreCase) ? name[..^OverlayPart.Length] : name;
        return Path.Combine(place, name + (request.Settings.Format == ImageFormat.Raw ? ".raw" : ".qcow2"));
    }

    private static void CheckDestination(DiskConversionRequest request, DiskImage source, string destination)
    {
        if (!(request.Preview && request.WillMakeFolder))
        {
            AtomicFile.CheckPlace(destination);
        }

        if (source.Files.Any(file => RealPath.MayBeSame(file, destination) || RealPath.MayBeSame(file, PartialFile.PathOf(destination))))
        {
            throw new GuestStateException(
                "DestinationIsSource",
                destination,
                $"'{destination}' is the image to be converted, or one that it stands on: it would be lost.",
                "Give another -Destination.");
        }

        if (!request.Force && File.Exists(destination))
        {
            throw AtomicFile.Exists(destination);
        }
    }

    /// <summary>The same source files, unchanged, and the same options give the same file; nothing else may be gone on with.</summary>
    private static byte[] Identity(DiskConversionRequest request, DiskImage source)
    {
        ConversionSettings settings = request.Settings;
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"1\n{source.Path}\n{source.Length}\n{settings.Format}\n{settings.Compression}\n");
        text.Append(CultureInfo.InvariantCulture, $"{settings.ClusterSize}\n{request.SkipFreeSpace}\n");
        foreach (string file in source.Files)
        {
            FileInfo info = new(file);
            text.Append(CultureInfo.InvariantCulture, $"{file}\n{info.Length}\n{info.LastWriteTimeUtc.Ticks}\n");
        }

        return SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static void Resume(ImageConverter converter, byte[]? state, PartialFile file, DiskConversionRequest request, IReporter reporter)
    {
        if (state is null)
        {
            if (request.Resume)
            {
                reporter.Verbose("There is nothing to go on with: the conversion begins anew.");
            }

            return;
        }

        try
        {
            using BinaryReader reader = new(new MemoryStream(state));
            converter.Resume(reader);
        }
        catch (Exception exception) when (exception is EndOfStreamException or InvalidDataException)
        {
            throw new GuestStateException(
                "PartialFileDamaged", file.Path, $"'{file.Path}' cannot be gone on with: it is shorter than its state says, or that is damaged.",
                "Run it without -Resume to begin anew.", exception);
        }

        reporter.Verbose("Going on where the conversion was interrupted.");
    }

    /// <summary>With everything opened afresh: what the writer holds in memory is no witness.</summary>
    private static void Compare(
        DiskConversionRequest request, DiskImage source, IEnumerable<BlockRange> leftOut, string written, Action<long, long> progress, CancellationToken token)
    {
        using DiskImage again = ImageDetector.Open(source.Path);
        using DiskImage target = ImageDetector.OpenAs(written, request.Settings.Format);
        ImageComparer.Compare(again, leftOut, target, progress, token);
    }
}
