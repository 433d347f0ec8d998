using System.Globalization;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Tests.Diagnostics;

public class ByteSizeTests
{
    [Theory]
    [InlineData(0L, "0 bytes")]
    [InlineData(1L, "1 byte")]
    [InlineData(1023L, "1023 bytes")]
    [InlineData(1024L, "1 KiB")]
    [InlineData(1536L, "1.5 KiB")]
    [InlineData((1L << 20) - 1, "1 MiB")]
    [InlineData(128L << 20, "128 MiB")]
    [InlineData((1L << 30) - (1L << 20), "1023 MiB")]
    [InlineData(300L << 30, "300 GiB")]
    [InlineData(5L << 39, "2.5 TiB")]
    [InlineData(long.MaxValue, "8 EiB")]
    [InlineData(-2048L, "-2 KiB")]
    [InlineData(null, "")]
    public void Text_AnySize_HasTheUnitInWhichItIsShort(long? count, string expected)
    {
        Assert.Equal(expected, ByteSize.Text(count));
    }

    [Fact]
    public void Text_HostWithADecimalComma_HasAPoint()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            comma.NumberFormat.NumberDecimalSeparator = ",";
            CultureInfo.CurrentCulture = comma;
            Assert.Equal("1.5 GiB", ByteSize.Text(3L << 29));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
