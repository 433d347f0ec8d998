using Hyper2Kvm.Images;
using Hyper2Kvm.Images.Conversion;
using Hyper2Kvm.Unit.Crash;
using Hyper2Kvm.Unit.Images;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Conversion;

/// <summary>A process that converts is killed from outside where it writes, before a call or within it: there is no target then, and <c>-Resume</c> makes the same
/// file as a conversion that nobody disturbed.</summary>
public class KilledConversionTests
{
    private const int Size = 24 << 20;

    public static TheoryData<ImageCompression> Compressions => [.. Enum.GetValues<ImageCompression>()];

    public static ConversionSettings Settings(ImageCompression compression) => new(ImageFormat.Qcow2, compression, 4096) { KeepEvery = 3 << 20 };

    [OracleTheory("gcc")]
    [MemberData(nameof(Compressions))]
    public void Killed_conversion_is_gone_on_with_and_gives_the_same_file(ImageCompression compression)
    {
        using TempFolder made = new();
        string sample = new SampleDisk(27, Size).WriteRaw(made);
        string whole = made.File("whole");
        long all = Conversions.Run(sample, whole, Settings(compression), verify: false).BytesRead;
        using TempFolder folder = new();
        string disk = folder.File("disk");
        string target = disk + ".qcow2";
        File.Copy(sample, disk);
        int calls = ChildProcess.Run("convert", disk, (int)compression, "tell").Calls.Length;
        long least = all;
        int kills = CrashFigures.IsSoak ? 40 : 4;
        for (int kill = 1; kill <= kills; kill++)
        {
            File.Delete(target);
            int at = Math.Max(1, calls * kill / (kills + 1));
            Assert.True(ChildProcess.KillAt("convert", disk, (int)compression, at, torn: kill % 2 == 0), $"came to its end before call {at}");
            Assert.False(File.Exists(target), $"there is a target after call {at}");
            long read = Conversions.Run(disk, target, Settings(compression), verify: false, resume: true).BytesRead;
            least = Math.Min(least, read);
            Assert.True(File.ReadAllBytes(whole).AsSpan().SequenceEqual(File.ReadAllBytes(target)), $"killed at call {at}: another file");
            Assert.Equal([disk, target], Directory.GetFiles(folder.Path).Order(StringComparer.Ordinal));
        }

        Assert.InRange(least, 0, all - (3 << 20));
        CrashFigures.Report("kills", kills, kills);
    }
}
