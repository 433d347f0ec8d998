using System.Text;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Images;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Images;

public class ImageDetectorTests
{
    [Fact]
    public void Raw_disk_is_what_the_file_holds()
    {
        using TempFolder folder = new();
        SampleDisk disk = new(16, 100 * 512);
        string path = disk.WriteRaw(folder);
        using DiskImage image = ImageDetector.Open(path);
        SampleDisk.AssertHolds(disk.Bytes, image);
        Assert.Equal(ImageFormat.Raw, image.Format);
        Assert.Equal(path, image.Path);
        Assert.Equal([new BlockRange(0, disk.Bytes.Length)], image.AllocatedRanges());
    }

    [Fact]
    public void Empty_small_and_odd_files_are_no_disks()
    {
        using TempFolder folder = new();
        foreach ((int size, string errorId) in new[] { (0, "ImageTooSmall"), (511, "ImageTooSmall"), (1000, "ImageNotRecognized") })
        {
            File.WriteAllBytes(folder.File("disk"), new byte[size]);
            Assert.Equal(errorId, Assert.Throws<DiskFormatException>(() => ImageDetector.Open(folder.File("disk"))).ErrorId);
        }
    }

    [Fact]
    public void Missing_files_and_folders_are_errors_of_the_host()
    {
        using TempFolder folder = new();
        Assert.Throws<FileNotFoundException>(() => ImageDetector.Open(folder.File("gone")));
        Assert.Throws<UnauthorizedAccessException>(() => ImageDetector.Open(folder.Path));
    }

    [Fact]
    public void Refused_image_is_not_left_open()
    {
        using TempFolder folder = new();
        File.WriteAllBytes(folder.File("disk"), new byte[1000]);
        Assert.Throws<DiskFormatException>(() => ImageDetector.Open(folder.File("disk")));
        using FileStream exclusive = new(folder.File("disk"), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
    }

    [Fact]
    public void Every_signature_is_refused_by_its_own_name()
    {
        using TempFolder folder = new();
        foreach (ImageSignature signature in ImageSignatures.NotRead)
        {
            byte[] bytes = new byte[Math.Max(65536, (signature.Offset / 512 + 1) * 512)];
            long offset = signature.Offset < 0 ? bytes.Length + signature.Offset : signature.Offset;
            Encoding.Latin1.GetBytes(signature.Magic).CopyTo(bytes, offset);
            File.WriteAllBytes(folder.File("disk"), bytes);
            UnsupportedFeatureException error =
                Assert.Throws<UnsupportedFeatureException>(() => ImageDetector.Open(folder.File("disk")));
            Assert.Equal(signature.ErrorId, error.ErrorId);
            Assert.Equal(signature.Format, error.Feature);
            Assert.False(string.IsNullOrEmpty(error.Remedy));
        }
    }

    [Fact]
    public void Text_files_are_refused_by_their_kind()
    {
        using TempFolder folder = new();
        Refused(folder, "TextIsNotADisk", "\uFEFF<?xml version=\"1.0\"?><Envelope>" + new string(' ', 1000), "XML");
        Refused(folder, "TextIsNotADisk", ".encoding = \"UTF-8\"\nconfig.version = \"8\"\n", "VMX");
        Refused(folder, "TextIsNotADisk", "#!/bin/sh\necho hello\n", "text file");
    }

    [DataFact("iso/copying.iso.gz", "iso/test-udf1.iso.gz")]
    public void Real_files_of_other_formats_are_refused_by_name()
    {
        using TempFolder folder = new();
        (string File, string ErrorId)[] files =
        [
            ("iso/copying.iso.gz", "IsoIsNotADisk"),
            ("iso/test-udf1.iso.gz", "IsoIsNotADisk"),
        ];
        foreach ((string file, string errorId) in files)
        {
            File.WriteAllBytes(folder.File("disk"), SharedData.Read(file));
            Assert.Equal(errorId, Assert.Throws<UnsupportedFeatureException>(() => ImageDetector.Open(folder.File("disk"))).ErrorId);
            Assert.Equal(
                "ArchiveNotSupported", Assert.Throws<UnsupportedFeatureException>(() => ImageDetector.Open(SharedData.PathOf(file))).ErrorId);
        }
    }

    [OracleFact("qemu-img")]
    public void Formats_that_qemu_makes_and_we_do_not_read_are_refused_by_name()
    {
        using TempFolder folder = new();
        (string Format, string[] Options, string ErrorId)[] formats =
        [
            ("qed", [], "QedNotSupported"), ("qcow", [], "QcowVersionNotSupported"),
            ("parallels", [], "ParallelsNotSupported"),
        ];
        foreach ((string format, string[] options, string errorId) in formats)
        {
            ForeignTool.RunOk("qemu-img", ["create", "-f", format, .. options, folder.File("disk"), "16M"]);
            Assert.Equal(errorId, Assert.Throws<UnsupportedFeatureException>(() => ImageDetector.Open(folder.File("disk"))).ErrorId);
            File.Delete(folder.File("disk"));
        }
    }

    private static void Refused(TempFolder folder, string errorId, string text, string words)
    {
        File.WriteAllText(folder.File("disk"), text);
        UnsupportedFeatureException error = Assert.Throws<UnsupportedFeatureException>(() => ImageDetector.Open(folder.File("disk")));
        Assert.Equal(errorId, error.ErrorId);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }
}
