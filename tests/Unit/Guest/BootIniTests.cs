using Hyper2Kvm.Guest;
using Hyper2Kvm.Unit.Domains;

namespace Hyper2Kvm.Unit.Guest;

public sealed class BootIniTests
{
    private const string Ini = """
        [boot loader]
        timeout=30
        default=multi(0)disk(0)rdisk(0)partition(1)\WINDOWS
        [operating systems]
        multi(0)disk(0)rdisk(0)partition(1)\WINDOWS="Microsoft Windows XP Professional" /noexecute=optin /fastdetect

        """;

    [Fact]
    public void Places_are_taken_apart()
    {
        Assert.True(BootIni.TryReadPlace(@"multi(0)disk(0)rdisk(1)partition(2)\WINNT", out string kind, out uint disk, out int partition, out string root));
        Assert.Equal(("multi", 1u, 2, @"\WINNT"), (kind, disk, partition, root));
        Assert.True(BootIni.TryReadPlace(@"signature(df4546ae)disk(0)rdisk(0)partition(1)\WINDOWS", out kind, out disk, out _, out _));
        Assert.Equal(("signature", 0xDF4546AEu), (kind, disk));
        foreach (string other in (string[])[@"C:\", "", @"multi(0)disk(0)rdisk(0)partition(99999999999)\W", "multi(0)"])
        {
            Assert.False(BootIni.TryReadPlace(other, out _, out _, out _, out _));
        }
    }

    [Fact]
    public void Disk_as_windows_xp_made_it_has_no_findings() => Assert.Empty(Check(Ini));

    [Theory]
    [InlineData("partition(1)", "partition(3)", "BootIniPartitionMissing", FindingSeverity.Error)]
    [InlineData("partition(1)", "partition(2)", "BootIniNoWindows", FindingSeverity.Error)]
    [InlineData(@"\WINDOWS", @"\WINNT", "BootIniNoWindows", FindingSeverity.Error)]
    [InlineData("rdisk(0)", "rdisk(1)", "BootIniOtherDisk", FindingSeverity.Warning)]
    [InlineData("multi(0)disk(0)", "scsi(0)disk(0)", "BootIniNeedsDriver", FindingSeverity.Warning)]
    [InlineData("multi(0)disk(0)", "what(0)disk(0)", "BootIniPlaceUnknown", FindingSeverity.Error)]
    [InlineData("/fastdetect", "/safeboot:minimal", "BootIniSafeBoot", FindingSeverity.Warning)]
    [InlineData("/fastdetect", "/debug", "BootIniDebuggerEnabled", FindingSeverity.Warning)]
    public void One_change_is_one_finding(string from, string to, string id, FindingSeverity severity)
    {
        BcdFinding finding = Assert.Single(Check(Ini.Replace(from, to, StringComparison.Ordinal)));
        Assert.Equal((id, severity), (finding.Id, finding.Severity));
    }

    [Fact]
    public void Empty_file_and_missing_loader_are_errors()
    {
        Assert.Equal("BootIniNoSystem", Assert.Single(Check("")).Id);
        Assert.Equal("BootIniLoaderMissing", Assert.Single(Check(Ini, new MemoryVolume((@"\ntldr", 1), (@"\WINDOWS\System32\config\SYSTEM", 1)))).Id);
    }

    private static IReadOnlyList<BcdFinding> Check(string ini, MemoryVolume? system = null)
    {
        PartitionInfo windows = new() { Number = 1, Offset = 0x7E00, Size = 1 << 30, TypeId = "0x07", FileSystem = "NTFS", IsActive = true };
        PartitionInfo data = new() { Number = 5, Offset = 2L << 30, Size = 1 << 30, TypeId = "0x07", FileSystem = "NTFS" };
        WindowsLayout layout = Guests.Layout(Guests.Version(5, 1, 2600)) with
        {
            Partitions = [windows, data], WindowsPartition = windows, BootPartition = windows,
        };
        MemoryVolume volume = system ?? new MemoryVolume((@"\ntldr", 1), (@"\NTDETECT.COM", 1), (@"\WINDOWS\System32\config\SYSTEM", 1));
        BcdDisk disk = new(layout, partition => partition.Number == 1 ? volume : new MemoryVolume());
        return new BootIniCheck(BootIni.Parse(ini.ReplaceLineEndings("\r\n")), layout, disk).Run();
    }
}
