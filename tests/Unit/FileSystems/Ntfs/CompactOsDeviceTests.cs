using System.Text;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.FileSystems.Ntfs;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.FileSystems.Ntfs;

public class CompactOsDeviceTests
{
    private const string Sample = "ntfs/wof/test4k.txt_WofCompressedData";
    private const string Text = "KUSJESVANSRT";
    private const int Length = 2034 * 12;

    [DataFact(Sample)]
    public void File_that_Windows_compressed_reads_as_its_text()
    {
        CompactOsDevice device = Open(SharedData.Read(Sample), 0);
        byte[] content = new byte[Length];
        device.Read(0, content);
        Assert.Equal(string.Concat(Enumerable.Repeat(Text, Length / Text.Length)), Encoding.ASCII.GetString(content));
        byte[] part = new byte[5000];
        device.Read(4000, part);
        Assert.Equal(content[4000..9000], part);
    }

    [DataFact(Sample)]
    public void Lzx_is_refused_by_name() =>
        Assert.Equal("NtfsCompactOs", Assert.Throws<UnsupportedFeatureException>(() => Open(SharedData.Read(Sample), 1)).ErrorId);

    [DataFact(Sample)]
    public void Damage_gives_typed_errors_or_other_bytes()
    {
        byte[] good = SharedData.Read(Sample);
        byte[] content = new byte[Length];
        int errors = 0;
        for (int at = 0; at < good.Length; at += 3)
        {
            byte[] bytes = at % 2 == 0 ? [.. good] : good[..at];
            if (at < bytes.Length)
            {
                bytes[at] ^= 0x11;
            }

            try
            {
                Open(bytes, 0).Read(0, content);
            }
            catch (DiskFormatException error)
            {
                Assert.Equal("NtfsCompressedDataDamaged", error.ErrorId);
                errors++;
            }
        }

        Assert.True(errors > 100);
    }

    private static CompactOsDevice Open(byte[] stream, uint algorithm)
    {
        byte[] reparse = new byte[0x18];
        Le.U32(reparse, 0x0C, 2);
        Le.U32(reparse, 0x14, algorithm);
        return CompactOsDevice.Open(new MemoryBlockDevice(stream), Length, reparse, "\\x");
    }
}
