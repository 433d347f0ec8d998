using Hyper2Kvm.Bcd;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Registry;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Bcd;

public sealed class BcdDevicePatchTests
{
    private static readonly Guid s_partition = new("ecd43012-88cf-4f80-a8de-8d3719d0653a");
    private static readonly Guid s_disk = new("d148fb7c-be81-4d12-8dcf-62260299abde");
    private static readonly Guid s_options = new("347518e3-f3cc-11ea-911e-c7eaa7d84b6c");

    [Fact]
    public void Plain_partitions_get_the_new_ids_and_style()
    {
        BcdPartitionId gpt = BcdPartitionId.Gpt(s_partition, s_disk);
        BcdPartitionId mbr = BcdPartitionId.Mbr(0x1F500000, 0xDF4546AE);
        Assert.Equal(DeviceBytes.Gpt(s_partition, s_disk), BcdDevicePatch.Redirect(DeviceBytes.Gpt(Guid.NewGuid(), Guid.NewGuid()), gpt));
        Assert.Equal(DeviceBytes.Mbr(0x1F500000, 0xDF4546AE), BcdDevicePatch.Redirect(DeviceBytes.Mbr(0x100000, 1), mbr));
        Assert.Equal(DeviceBytes.Gpt(s_partition, s_disk), BcdDevicePatch.Redirect(DeviceBytes.Mbr(0x100000, 1), gpt));
        Assert.Equal(DeviceBytes.Mbr(0x1F500000, 0xDF4546AE), BcdDevicePatch.Redirect(DeviceBytes.Gpt(s_partition, s_disk), mbr));
    }

    [Fact]
    public void The_partition_inside_a_ramdisk_or_around_a_virtual_disk_is_changed_and_nothing_else()
    {
        byte[] old = DeviceBytes.GptRecord(Guid.NewGuid(), Guid.NewGuid());
        byte[] wanted = DeviceBytes.GptRecord(s_partition, s_disk);
        BcdPartitionId gpt = BcdPartitionId.Gpt(s_partition, s_disk);
        Assert.Equal(
            DeviceBytes.Ramdisk(s_options, wanted, @"\Recovery\WindowsRE\Winre.wim"),
            BcdDevicePatch.Redirect(DeviceBytes.Ramdisk(s_options, old, @"\Recovery\WindowsRE\Winre.wim"), gpt));
        Assert.Equal(
            DeviceBytes.VirtualDisk(0x100000, 7, wanted, @"\a.vhdx"),
            BcdDevicePatch.Redirect(DeviceBytes.VirtualDisk(0x100000, 7, old, @"\a.vhdx"), gpt));
    }

    [Fact]
    public void Devices_that_name_no_partition_are_never_rewritten()
    {
        BcdPartitionId gpt = BcdPartitionId.Gpt(s_partition, s_disk);
        foreach (byte[] element in (byte[][])[DeviceBytes.Boot(), DeviceBytes.Locate(), [1, 2, 3], [], DeviceBytes.Boot()[..40]])
        {
            Assert.Null(BcdDevicePatch.Redirect(element, gpt));
        }

        for (int length = 0; length < 88; length++)
        {
            Assert.Null(BcdDevicePatch.Redirect(DeviceBytes.Gpt(s_partition, s_disk).AsSpan(0, length), gpt));
        }
    }

    [DataFact("bcd/uefi-win10-fisummer.BCD", "bcd/uefi-win10-regipy.BCD", "bcd/bios-win10-ltsc-vhdboot-fanxcv.BCD")]
    public void Real_elements_go_to_another_partition_and_back_to_the_byte()
    {
        GoAndReturn("bcd/uefi-win10-fisummer.BCD", 9);
        GoAndReturn("bcd/uefi-win10-regipy.BCD", 1);
        GoAndReturn("bcd/bios-win10-ltsc-vhdboot-fanxcv.BCD", 4);
    }

    private static void GoAndReturn(string file, int atLeast)
    {
        Hive hive = Hive.OpenAsFound(new MemoryBlockDevice(SharedData.Read(file)), file);
        int redirected = 0;
        foreach (BcdObject item in BcdStore.Open(hive).Objects)
        {
            foreach (BcdElement element in item.Elements)
            {
                if (element.Device is { } device && BcdDevicePatch.PartitionOf(device) is { } id)
                {
                    byte[] data = hive.Find(BcdKeys.Element(item.Id, element.Type))!.GetValue(BcdKeys.ElementValue)!.Data();
                    byte[] there = BcdDevicePatch.Redirect(data, BcdPartitionId.Gpt(s_options, s_options))!;
                    Assert.Equal(data.Length, there.Length);
                    Assert.NotEqual(data, there);
                    Assert.Equal(data, BcdDevicePatch.Redirect(there, id));
                    redirected++;
                }
            }
        }

        Assert.True(redirected >= atLeast, $"{redirected}");
    }
}
