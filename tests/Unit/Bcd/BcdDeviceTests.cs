using Hyper2Kvm.Bcd;

namespace Hyper2Kvm.Unit.Bcd;

public sealed class BcdDeviceTests
{
    private static readonly Guid s_partition = new("ecd43012-88cf-4f80-a8de-8d3719d0653a");
    private static readonly Guid s_disk = new("d148fb7c-be81-4d12-8dcf-62260299abde");

    /// <summary>From the store of an installed Windows 10.</summary>
    private const string RealGpt = "00000000000000000000000000000000 06000000 00000000 48000000 00000000 1230D4ECCF88804FA8DE8D3719D0653A " +
        "00000000 00000000 7CFB48D181BE124D8DCF62260299ABDE 00000000000000000000000000000000";

    [Fact]
    public void Gpt_partition_as_windows_writes_it()
    {
        byte[] bytes = Hex(RealGpt);
        Assert.Equal(bytes, DeviceBytes.Gpt(s_partition, s_disk));
        BcdDevice device = BcdDevice.Read(bytes);
        Assert.Equal(BcdDeviceKind.Partition, device.Kind);
        Assert.Equal(BcdPartitionId.Gpt(s_partition, s_disk), device.Partition);
        Assert.Equal(Guid.Empty, device.Options);
    }

    [Fact]
    public void Mbr_partition_is_offset_and_signature()
    {
        BcdDevice device = BcdDevice.Read(Hex(
            "00000000000000000000000000000000 06000000 00000000 48000000 00000000 0000501F00000000 0000000000000000 " +
            "00000000 01000000 AE4645DF 000000000000000000000000 00000000000000000000000000000000"));
        Assert.Equal(BcdDeviceKind.Partition, device.Kind);
        Assert.Equal(BcdPartitionId.Mbr(0x1F500000, 0xDF4546AE), device.Partition);
        Assert.False(device.Partition!.IsGpt);
        Assert.Equal("partition at 0x1F500000 of disk 0xDF4546AE", device.Partition.ToString());
    }

    [Theory]
    [InlineData(5, BcdDeviceKind.Boot)]
    [InlineData(8, BcdDeviceKind.Locate)]
    [InlineData(2, BcdDeviceKind.LegacyPartition)]
    [InlineData(3, BcdDeviceKind.Serial)]
    [InlineData(4, BcdDeviceKind.Network)]
    [InlineData(7, BcdDeviceKind.VmBus)]
    [InlineData(0, BcdDeviceKind.Disk)]
    [InlineData(99, BcdDeviceKind.Opaque)]
    public void Other_types_are_told_apart(uint type, BcdDeviceKind expected) =>
        Assert.Equal(expected, BcdDevice.Read([.. new byte[16], .. DeviceBytes.Record(type, 0x48)]).Kind);

    [Fact]
    public void Ramdisk_has_options_a_path_and_the_device_of_its_file()
    {
        Guid options = new("733b62e7-f608-11eb-825c-c112f60133ab");
        byte[] bytes = DeviceBytes.Ramdisk(options, DeviceBytes.GptRecord(s_partition, s_disk), @"\Recovery\WindowsRE\Winre.wim");
        Assert.Equal(0xC8, bytes.Length);
        BcdDevice device = BcdDevice.Read(bytes);
        Assert.Equal(BcdDeviceKind.Ramdisk, device.Kind);
        Assert.Equal(options, device.Options);
        Assert.Equal(@"\Recovery\WindowsRE\Winre.wim", device.Path);
        Assert.Equal(BcdPartitionId.Gpt(s_partition, s_disk), device.Parent?.Partition);
    }

    [Fact]
    public void Virtual_disk_has_a_partition_inside_and_a_file_outside()
    {
        byte[] bytes = DeviceBytes.VirtualDisk(0x100000, 0xA3F1D6DF, DeviceBytes.GptRecord(s_partition, s_disk), @"\1809.402.vhd");
        Assert.Equal(0xCC, bytes.Length);
        BcdDevice device = BcdDevice.Read(bytes);
        Assert.Equal(BcdDeviceKind.VirtualDisk, device.Kind);
        Assert.Equal(BcdPartitionId.Mbr(0x100000, 0xA3F1D6DF), device.Partition);
        Assert.Equal(@"\1809.402.vhd", device.Path);
        Assert.Equal(BcdPartitionId.Gpt(s_partition, s_disk), device.Parent?.Partition);
    }

    [Fact]
    public void Cut_bytes_are_opaque_and_never_an_error()
    {
        byte[][] elements =
        [
            DeviceBytes.Gpt(s_partition, s_disk),
            DeviceBytes.Ramdisk(s_disk, DeviceBytes.GptRecord(s_partition, s_disk), @"\a.wim"),
            DeviceBytes.VirtualDisk(1, 2, DeviceBytes.GptRecord(s_partition, s_disk), @"\a.vhd"),
        ];
        foreach (byte[] element in elements)
        {
            for (int length = 0; length < element.Length; length++)
            {
                Assert.Equal(BcdDeviceKind.Opaque, BcdDevice.Read(element.AsSpan(0, length)).Kind);
            }
        }
    }

    [Fact]
    public void Changed_and_random_bytes_are_never_an_error()
    {
        byte[] element = DeviceBytes.VirtualDisk(1, 2, DeviceBytes.GptRecord(s_partition, s_disk), @"\a.vhd");
        for (int i = 0; i < element.Length; i++)
        {
            foreach (byte value in (byte[])[0, 1, 3, 5, 6, 0x7F, 0x80, 0xFF])
            {
                byte[] changed = [.. element];
                changed[i] = value;
                BcdDevice.Read(changed);
            }
        }

        Random random = new(1);
        byte[] bytes = new byte[256];
        for (int i = 0; i < 20_000; i++)
        {
            random.NextBytes(bytes);
            bytes[0x10] = (byte)(i % 9);
            bytes.AsSpan(0x11, 3).Clear();
            bytes.AsSpan(0x19, 3).Clear();
            bytes[0x20] = (byte)(i % 7);
            bytes.AsSpan(0x21, 3).Clear();
            BcdDevice.Read(bytes.AsSpan(0, random.Next(256)));
        }
    }

    [Fact]
    public void Nesting_ends()
    {
        byte[] record = DeviceBytes.GptRecord(s_partition, s_disk);
        for (int i = 0; i < 50; i++)
        {
            record = DeviceBytes.VirtualDisk(1, 2, record, @"\a.vhd")[0x10..];
        }

        int depth = 0;
        for (BcdDevice? device = BcdDevice.Read([.. new byte[16], .. record]); device is not null; device = device.Parent)
        {
            depth++;
        }

        Assert.InRange(depth, 2, 5);
    }

    private static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));
}
