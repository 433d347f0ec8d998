using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Images;
using Hyper2Kvm.Images.Ova;
using Hyper2Kvm.Images.Vhd;
using Hyper2Kvm.Machines;

namespace Hyper2Kvm.Fuzz.Targets;

/// <summary>A disk image with the files beside it: opened, read from its start to 2 MiB, at its end and in between, and mapped.</summary>
internal sealed class ImageTarget(string name, params (string Folder, string Pattern)[] realSeeds) : FileTarget(name)
{
    private const int Start = 2 << 20;
    private const int Step = 64 << 10;
    private const int Samples = 32;
    private const int MostRanges = 10_000;

    private readonly byte[] _buffer = new byte[Step];

    public override IReadOnlyList<(string Folder, string Pattern)> RealSeeds => realSeeds;

    public override int LargestSeed => 10 << 20;

    public override void Repair(IReadOnlyList<FuzzPart> parts)
    {
        foreach (FuzzPart part in parts)
        {
            Span<byte> bytes = part.Bytes;
            if (bytes.StartsWith("vhdxfile"u8))
            {
                Crc(bytes, 64 << 10, 4096);
                Crc(bytes, 128 << 10, 4096);
                Crc(bytes, 192 << 10, 64 << 10);
                Crc(bytes, 256 << 10, 64 << 10);
            }

            RepairVhd(bytes);
        }
    }

    protected override void Run(string path)
    {
        using DiskImage image = ImageDetector.Open(path);
        for (long offset = 0; offset < Math.Min(Start, image.Length); offset += Step)
        {
            Read(image, offset);
        }

        for (int i = 0; i <= Samples; i++)
        {
            Read(image, Math.Max(0, (image.Length / Samples * i) - (512 * (i + 1))));
        }

        if (image is OvaImage)
        {
            _ = MachineReader.FindInOva(path);
            BundleManifest.Verify(path, SilentReporter.Instance, CancellationToken.None);
        }

        _ = image.QemuObstacle;
        int ranges = 0;
        long end = 0;
        foreach (BlockRange range in image.AllocatedRanges())
        {
            if (range.Offset < end || range.Length <= 0 || range.End > image.Length)
            {
                throw new InvalidOperationException($"The allocated range {range} is out of order, empty, or beyond the disk.");
            }

            end = range.End;
            if (++ranges == MostRanges)
            {
                break;
            }
        }
    }

    private void Read(DiskImage image, long offset) => image.Read(offset, _buffer.AsSpan(0, (int)Math.Min(Step, image.Length - offset)));

    private static void Crc(Span<byte> bytes, int offset, int length)
    {
        if (bytes.Length >= offset + length)
        {
            Le.U32(bytes, offset + 4, Crc32C.ComputeWithout(bytes.Slice(offset, length), 4));
        }
    }

    private static void RepairVhd(Span<byte> bytes)
    {
        for (int offset = 0; offset + 512 <= bytes.Length; offset += 512)
        {
            if (bytes[offset..].StartsWith("conectix"u8))
            {
                Be.U32(bytes, offset + 64, VhdChecksum.Compute(bytes.Slice(offset, 512), 64));
            }
            else if (bytes[offset..].StartsWith("cxsparse"u8) && offset + 1024 <= bytes.Length)
            {
                Be.U32(bytes, offset + 36, VhdChecksum.Compute(bytes.Slice(offset, 1024), 36));
            }
        }
    }
}
