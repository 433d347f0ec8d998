using Hyper2Kvm.Blocks;
using Hyper2Kvm.Images;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Images;

/// <summary>Compares images that somebody else made with what qemu-img makes of them.</summary>
internal static class RealImages
{
    /// <summary>Every byte is as in <c>qemu-img convert -O raw</c>.</summary>
    public static void AssertAsQemu(TempFolder folder, string path)
    {
        using DiskImage image = ImageDetector.Open(path);
        string flat = folder.File("flat.raw");
        ForeignTool.RunOk("qemu-img", "convert", "-O", "raw", path, flat);
        using FileBlockDevice expected = new(flat);
        Assert.Equal(expected.Length, image.Length);
        byte[] left = new byte[1 << 20];
        byte[] right = new byte[1 << 20];
        for (long offset = 0; offset < expected.Length; offset += left.Length)
        {
            int length = (int)Math.Min(left.Length, expected.Length - offset);
            expected.Read(offset, left.AsSpan(0, length));
            image.Read(offset, right.AsSpan(0, length));
            Assert.True(left.AsSpan(0, length).SequenceEqual(right.AsSpan(0, length)), $"{path} differs after {offset}");
        }
    }
}
