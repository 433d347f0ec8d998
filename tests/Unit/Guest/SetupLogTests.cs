using System.Text;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Guest;

public class SetupLogTests
{
    private const string Device = @"PCI\VEN_1AF4&DEV_1001&SUBSYS_00021AF4&REV_00\3&13c0b0c5&0&38";
    private const string Installed =
        $"""
        [Device Install Log]
             OS Version = 10.0.20348

        >>>  [Device Install (Hardware initiated) - {Device}]
        >>>  Section start 2026/01/02 03:04:05.678
             dvi: Straße {"{"}Core Device Install{"}"}
        <<<  Section end 2026/01/02 03:04:06.000
        <<<  [Exit status: SUCCESS]

        """;

    [Theory]
    [InlineData("ascii")]
    [InlineData("latin1")]
    [InlineData("utf-8-bom")]
    [InlineData("utf-16-bom")]
    public void Every_encoding_is_read(string encoding)
    {
        Encoding chosen = encoding switch { "utf-16-bom" => Encoding.Unicode, "utf-8-bom" => Encoding.UTF8, "latin1" => Encoding.Latin1, _ => Encoding.ASCII };
        byte[] bytes = [.. encoding.EndsWith("bom", StringComparison.Ordinal) ? chosen.GetPreamble() : [], .. chosen.GetBytes(Installed.ReplaceLineEndings("\r\n"))];

        Assert.Equal([new SetupLogEntry(Device, "2026/01/02 03:04:05", "SUCCESS", true)], Read(bytes));
    }

    [Fact]
    public void A_failure_and_a_section_without_an_end_are_told_apart()
    {
        string failed = Installed.Replace("SUCCESS", "FAILURE(0xe0000246)", StringComparison.Ordinal);
        string cut = Installed[..Installed.IndexOf("<<<", StringComparison.Ordinal)];

        IReadOnlyList<SetupLogEntry> entries = Read(Encoding.ASCII.GetBytes(Installed + failed + cut));

        Assert.Equal([true, false], entries.Select(entry => entry.Succeeded));
        Assert.Equal("FAILURE(0xe0000246)", entries[1].Status);
    }

    [Fact]
    public void The_numbered_messages_of_XP_are_read_in_any_language()
    {
        string log = $"""
            [2008/01/02 03:04:05 520.3 Driver Install]
            #-019 Suchen nach Hardware-ID(s): pci\ven_1af4&dev_1001&subsys_00021af4&rev_00,pci\ven_1af4&dev_1001
            #I121 Geräteinstallation von "{Device}" wurde erfolgreich abgeschlossen.
            [2008/01/02 03:05:05 520.4 Driver Install]
            #-019 Suchen nach Hardware-ID(s): pci\ven_1af4&dev_1000
            #E122 Geräteinstallation ist fehlgeschlagen. Fehler 1168: Element nicht gefunden.

            """;

        IReadOnlyList<SetupLogEntry> entries = Read(Encoding.Latin1.GetBytes(log));

        Assert.Equal([(Device, true), (@"pci\ven_1af4&dev_1000", false)], entries.Select(entry => (entry.Device, entry.Succeeded)));
        Assert.Equal("2008/01/02 03:04:05", entries[0].Time);
    }

    [Fact]
    public void Of_a_log_of_any_size_the_end_is_read()
    {
        byte[] tail = Encoding.ASCII.GetBytes(Installed);

        IReadOnlyList<SetupLogEntry> entries = SetupLog.Read(new TailDevice(1L << 40, tail));

        Assert.Equal(Device, Assert.Single(entries).Device);
    }

    [Fact]
    public void Lines_without_end_and_noise_do_no_harm()
    {
        byte[] noise = new byte[100_000];
        new Random(7).NextBytes(noise);
        byte[] line = Encoding.ASCII.GetBytes(">>>  [Device Install - " + new string('x', 1_000_000) + "\n");

        Assert.Equal(Device, Read([.. noise, .. "\n"u8, .. line, .. Encoding.ASCII.GetBytes(Installed)])[^1].Device);
        Assert.Empty(Read([]));
        Assert.Empty(Read([0xFF]));
        Assert.Empty(Read([0xFF, 0xFE, 0x3E]));
    }

    [DataFact("setupapi/win10-19043-vmware.setupapi.dev.log.gz")]
    public void A_real_log_of_Windows_10()
    {
        IReadOnlyList<SetupLogEntry> entries = Read(SharedData.Read("setupapi/win10-19043-vmware.setupapi.dev.log.gz"));

        Assert.Contains(entries, entry => entry is { Succeeded: true, Time: "2022/02/05 14:31:42" } && entry.Device.StartsWith(@"pci\ven_15ad&dev_0740", StringComparison.Ordinal));
        Assert.All(entries, entry => Assert.NotEmpty(entry.Time));
    }

    private static IReadOnlyList<SetupLogEntry> Read(byte[] bytes) => SetupLog.Read(new MemoryBlockDevice(bytes));

    /// <summary>A huge file of zeros with an end.</summary>
    private sealed class TailDevice(long length, byte[] tail) : IBlockDevice
    {
        public long Length => length;

        public int SectorSize => 1;

        public void Read(long offset, Span<byte> buffer)
        {
            buffer.Clear();
            for (int i = 0; i < buffer.Length; i++)
            {
                long at = offset + i - (length - tail.Length);
                buffer[i] = at >= 0 ? tail[at] : offset + i == length - tail.Length - 1 ? (byte)'\n' : (byte)0;
            }
        }
    }
}
