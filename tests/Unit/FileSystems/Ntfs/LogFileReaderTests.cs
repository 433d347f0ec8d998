using Hyper2Kvm.Blocks;
using Hyper2Kvm.FileSystems.Ntfs;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.FileSystems.Ntfs;

public class LogFileReaderTests
{
    [DataFact("ntfs/logfile/LogFile_7.bin.gz")]
    public void Log_of_Windows_7_is_judged_by_its_restart_pages()
    {
        byte[] log = SharedData.Read("ntfs/logfile/LogFile_7.bin.gz");
        Assert.Equal(LogFileState.Clean, Judge(log));
        foreach (int page in (ReadOnlySpan<int>)[0, 0x1000])
        {
            log[page + 0x30 + 0x0C] = 0;
            log[page + 0x30 + 0x0D] = 0;
            log[page + 0x30 + 0x0E] = 0;
        }

        Assert.Equal(LogFileState.NotClean, Judge(log));
    }

    [DataFact("ntfs/logfile/LogFile_10.bin.gz")]
    public void Log_of_Windows_10_in_its_second_version_is_in_use_until_it_says_that_it_is_clean()
    {
        byte[] log = SharedData.Read("ntfs/logfile/LogFile_10.bin.gz");
        Assert.Equal(LogFileState.Version2InUse, Judge(log));
        log[0x3E] |= 2;
        log[0x103E] |= 2;
        Assert.Equal(LogFileState.Clean, Judge(log));
    }

    [DataFact("ntfs/logfile/LogFile_empty.bin")]
    public void Log_filled_with_ones_is_empty() =>
        Assert.Equal(LogFileState.Empty, Judge(SharedData.Read("ntfs/logfile/LogFile_empty.bin")));

    [Fact]
    public void Log_without_restart_pages_is_damaged()
    {
        Assert.Equal(LogFileState.Damaged, Judge(new byte[1 << 16]));
        Assert.Equal(LogFileState.Damaged, Judge(new byte[100]));
    }

    private static LogFileState Judge(byte[] log) => LogFileReader.Read(new MemoryBlockDevice(log));
}
