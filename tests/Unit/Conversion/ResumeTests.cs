using Hyper2Kvm.Conversion;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing.Commit;
using Hyper2Kvm.Images;
using Hyper2Kvm.Images.Conversion;
using Hyper2Kvm.Unit.Images;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Conversion;

public class ResumeTests
{
    private const int Size = 24 * 1024 * 1024;

    public static TheoryData<ImageFormat, ImageCompression> Targets => new()
    {
        { ImageFormat.Raw, ImageCompression.None },
        { ImageFormat.Qcow2, ImageCompression.None },
        { ImageFormat.Qcow2, ImageCompression.Zlib },
        { ImageFormat.Qcow2, ImageCompression.Zstd },
    };

    [Theory]
    [MemberData(nameof(Targets))]
    public void Interrupted_conversion_is_gone_on_with_and_gives_the_same_file(ImageFormat format, ImageCompression compression)
    {
        using TempFolder folder = new();
        string source = new SampleDisk(21, Size).WriteRaw(folder);
        ConversionSettings settings = new(format, compression, 4096) { KeepEvery = 3 << 20 };
        long whole = Conversions.Run(source, folder.File("whole"), settings).BytesRead;
        string target = folder.File("target");
        Interrupt(source, target, settings);
        string partial = PartialFile.PathOf(target);
        Assert.True(File.Exists(partial));

        // The host went down: of what was written after the last state some is there, some is not, some is wrong.
        using (FileStream torn = new(partial, FileMode.Open))
        {
            torn.Seek(0, SeekOrigin.End);
            torn.Write(new byte[100_000]);
        }

        DiskConversion result = Conversions.Run(source, target, settings, resume: true);
        Assert.InRange(result.BytesRead, 1, whole - (3 << 20));
        Assert.True(File.ReadAllBytes(folder.File("whole")).AsSpan().SequenceEqual(File.ReadAllBytes(target)));
        Assert.Equal([source, target, folder.File("whole")], Directory.GetFiles(folder.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_is_left_of_another_source_or_other_options_is_not_gone_on_with()
    {
        using TempFolder folder = new();
        string source = new SampleDisk(22, Size).WriteRaw(folder);
        ConversionSettings settings = new(ImageFormat.Qcow2) { KeepEvery = 3 << 20 };
        string target = folder.File("target");
        Interrupt(source, target, settings);
        Refused("PartialFileDiffers", settings with { ClusterSize = 4096 });
        File.SetLastWriteTimeUtc(source, DateTime.UtcNow.AddMinutes(-5));
        Refused("PartialFileDiffers", settings);

        // Without -Resume it begins anew.
        Assert.Equal(Path.GetFullPath(target), Conversions.Run(source, target, settings).ImagePath);

        void Refused(string id, ConversionSettings other) =>
            Assert.Equal(id, Assert.Throws<GuestStateException>(() => Conversions.Run(source, target, other, resume: true)).ErrorId);
    }

    [Fact]
    public void Damaged_state_and_short_file_are_told()
    {
        using TempFolder folder = new();
        string source = new SampleDisk(23, Size).WriteRaw(folder);
        ConversionSettings settings = new(ImageFormat.Qcow2) { KeepEvery = 3 << 20 };
        string target = folder.File("target");
        Interrupt(source, target, settings);
        string partial = PartialFile.PathOf(target);
        using (FileStream file = new(partial, FileMode.Open))
        {
            file.SetLength(file.Length / 4);
        }

        Assert.Equal("PartialFileDamaged", Assert.Throws<GuestStateException>(() => Conversions.Run(source, target, settings, resume: true)).ErrorId);
        byte[] state = File.ReadAllBytes(partial + ".state");
        state[60] ^= 1;
        File.WriteAllBytes(partial + ".state", state);
        Assert.Equal("PartialFileForeign", Assert.Throws<GuestStateException>(() => Conversions.Run(source, target, settings, resume: true)).ErrorId);
    }

    /// <summary>Stops after some states were kept, as Ctrl+C does with -Resume.</summary>
    private static void Interrupt(string source, string target, ConversionSettings settings)
    {
        using CancellationTokenSource stop = new();
        Assert.Throws<OperationCanceledException>(
            () => Conversions.Run(source, target, settings, resume: true, reporter: new StoppingReporter(stop, 60), token: stop.Token));
    }
}
