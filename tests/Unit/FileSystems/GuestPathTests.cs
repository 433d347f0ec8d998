using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.FileSystems;

namespace Hyper2Kvm.Unit.FileSystems;

/// <summary>A path names something inside one volume, or it is no path.</summary>
public class GuestPathTests
{
    [Theory]
    [InlineData(@"\Windows\..\..\etc\passwd")]
    [InlineData(@"..")]
    [InlineData(@"\Windows/./System32")]
    [InlineData(@"\Windows\System32\config\SYSTEM:stream")]
    [InlineData("C:\\Windows")]
    [InlineData("\\Windows\\a\u0000b")]
    [InlineData("\\Windows\\a\u001Bb")]
    [InlineData("\\Windows\\a\nb")]
    [InlineData(@"\\?\C:\Windows")]
    [InlineData(@"\Windows\*.sys")]
    public void What_could_lead_out_or_name_a_stream_is_refused(string path)
    {
        GuestStateException error = Assert.Throws<GuestStateException>(() => new GuestPath(path));
        Assert.Equal("GuestPathInvalid", error.ErrorId);
        Assert.Equal(PlainText.Escape(error.Message), error.Message);
        Assert.Throws<GuestStateException>(() => GuestPath.Root / path);
    }

    [Fact]
    public void A_path_cannot_be_climbed_above_its_root()
    {
        Assert.Equal(GuestPath.Root, GuestPath.Root.Parent.Parent);
        Assert.Equal(@"\a\b", new GuestPath("a//b/").ToString());
    }
}
