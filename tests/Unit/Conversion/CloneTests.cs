using Hyper2Kvm.Images;
using Hyper2Kvm.Images.Conversion;
using Hyper2Kvm.Unit.Images;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Conversion;

public sealed class CloneTests
{
    [BtrfsFact]
    public void A_raw_copy_of_a_raw_disk_shares_its_blocks_where_the_file_system_can()
    {
        using TempFolder folder = new();
        string mount = folder.File("mount");
        string volume = folder.File("volume");
        Directory.CreateDirectory(mount);
        using (FileStream file = File.Create(volume))
        {
            file.SetLength(256 << 20);
        }

        ForeignTool.RunOk("mkfs.btrfs", "-q", volume);
        ForeignTool.RunOk("mount", "-o", "loop", volume, mount);
        try
        {
            string source = new SampleDisk(21).WriteRaw(folder);
            string disk = Path.Combine(mount, "disk.raw");
            File.Copy(source, disk);
            DiskConversion clone = Conversions.Run(disk, Path.Combine(mount, "copy.raw"), new ConversionSettings(ImageFormat.Raw));
            DiskConversion copy = Conversions.Run(disk, Path.Combine(mount, "copy.qcow2"), new ConversionSettings(ImageFormat.Qcow2));

            Assert.Equal(0, clone.BytesRead + clone.BytesWritten);
            Assert.True(copy.BytesWritten > 0);
            Conversions.AssertSame(source, clone.Destination, isRaw: true);
        }
        finally
        {
            ForeignTool.RunOk("umount", mount);
        }
    }
}
