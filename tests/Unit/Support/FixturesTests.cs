using System.Buffers.Binary;

namespace Hyper2Kvm.Unit.Support;

/// <summary>The fixtures are what they say they are, as foreign tools see it.</summary>
public class FixturesTests
{
    private const int LimitOfOneFixture = 300 * 1024;

    [Fact]
    public void Every_fixture_stays_small()
    {
        string folder = Path.Combine(Repository.Root, "tests", "Fixtures");
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            Assert.True(new FileInfo(file).Length < LimitOfOneFixture, $"{file} has {new FileInfo(file).Length} bytes");
        }
    }

    [OracleFact("qemu-img")]
    public void Every_variant_opens_with_its_backing_file()
    {
        Assert.Equal(15, Fixtures.VariantNames.Count);
        foreach (string name in Fixtures.VariantNames)
        {
            ForeignTool.RunOk("qemu-img", "check", "-q", Fixtures.Variant(name));
            Assert.Contains("virtual size", ForeignTool.RunOk("qemu-img", "info", "--backing-chain", Fixtures.Variant(name)), StringComparison.Ordinal);
        }
    }

    [OracleFact("qemu-img", "ntfscat")]
    public void The_samples_overlays_fit_the_sample_they_were_made_on()
    {
        using TempFolder folder = new();
        byte[] volume = WindowsVolume(Fixtures.Variant("dirty-hive"), folder);
        File.WriteAllBytes(folder.File("volume"), volume);
        byte[] hive = ForeignTool.Bytes("ntfscat", folder.File("volume"), "/Windows/System32/config/SYSTEM");

        uint first = BinaryPrimitives.ReadUInt32LittleEndian(hive.AsSpan(4));
        uint second = BinaryPrimitives.ReadUInt32LittleEndian(hive.AsSpan(8));

        Assert.Equal("regf", System.Text.Encoding.ASCII.GetString(hive, 0, 4));
        Assert.Equal(second + 1, first);
    }

    [OracleFact("qemu-img", "ntfscat", "hivexregedit")]
    public void The_hives_of_the_sample_are_hives_to_hivex()
    {
        using TempFolder folder = new();
        File.WriteAllBytes(folder.File("volume"), WindowsVolume(Fixtures.SampleDisk, folder));
        foreach (string name in (string[])["SYSTEM", "SOFTWARE", "DRIVERS"])
        {
            File.WriteAllBytes(folder.File(name), ForeignTool.Bytes("ntfscat", folder.File("volume"), $"/Windows/System32/config/{name}"));
            Assert.StartsWith("Windows Registry", ForeignTool.RunOk("hivexregedit", "--export", folder.File(name), "\\"), StringComparison.Ordinal);
        }
    }

    /// <summary>Partition 3 of the sample: 64 MiB at 53 MiB.</summary>
    private static byte[] WindowsVolume(string disk, TempFolder folder)
    {
        ForeignTool.RunOk("qemu-img", "dd", "-O", "raw", $"if={disk}", $"of={folder.File("dd")}", "bs=1M", "skip=53", "count=117");
        byte[] volume = File.ReadAllBytes(folder.File("dd"))[..(64 << 20)];
        Assert.Equal("NTFS", System.Text.Encoding.ASCII.GetString(volume, 3, 4));
        return volume;
    }
}
