using Hyper2Kvm.Binary;

namespace Hyper2Kvm.Unit.Binary;

public sealed class MacAddressTests
{
    [Theory]
    [InlineData("00-0c-29-f3-ff-de", "00:0c:29:f3:ff:de")]
    [InlineData("000C.29F3.FFDE", "00:0c:29:f3:ff:de")]
    [InlineData("000C29F3FFDE", "00:0c:29:f3:ff:de")]
    [InlineData("00 0c 29 f3 ff de", "00:0c:29:f3:ff:de")]
    [InlineData("00:0C:29:F3:FF:DE\n", null)]
    [InlineData("01:00:5e:00:00:01", null)]
    [InlineData("000000000000", null)]
    [InlineData("00:0C:29:F3:FF", null)]
    [InlineData("0x0C29F3FFDE", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void Every_usual_spelling_is_one_address(string? text, string? address)
    {
        Assert.Equal(address, MacAddress.Normalize(text));
        Assert.Equal(address?.ToUpperInvariant(), MacAddress.Parse(text));
    }

    [Fact]
    public void Zeros_are_told_from_nonsense()
    {
        Assert.True(MacAddress.IsNone("00:00:00:00:00:00"));
        Assert.False(MacAddress.IsNone("x"));
        Assert.False(MacAddress.IsNone(null));
    }
}
