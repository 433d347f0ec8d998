using System.Text;
using Hyper2Kvm.Bcd;

namespace Hyper2Kvm.Unit.Bcd;

public sealed class BcdElementTests
{
    [Theory]
    [InlineData("1E", 30UL)]
    [InlineData("00C201", 115200UL)]
    [InlineData("1E00000000000000", 30UL)]
    [InlineData("FFFFFFFFFFFFFFFF", ulong.MaxValue)]
    public void Integers_have_one_to_eight_bytes(string hex, ulong expected) =>
        Assert.Equal(expected, BcdElement.Read(0x25000004, Convert.FromHexString(hex)).Integer);

    [Theory]
    [InlineData("01", true)]
    [InlineData("00", false)]
    [InlineData("FF000000", true)]
    public void Flags_are_the_first_byte(string hex, bool expected) =>
        Assert.Equal(expected, BcdElement.Read(0x26000005, Convert.FromHexString(hex)).Flag);

    [Fact]
    public void Text_ends_at_its_first_nul_as_windows_writes_two_at_times() =>
        Assert.Equal(@"\windows", BcdElement.Read(0x22000002, Encoding.Unicode.GetBytes("\\windows\0\0")).Text);

    [Fact]
    public void Objects_come_from_a_string_and_from_a_list()
    {
        Guid first = new("733b62e5-f608-11eb-825c-c112f60133ab");
        byte[] text = Encoding.Unicode.GetBytes($"{first:B}\0");
        byte[] list = Encoding.Unicode.GetBytes($"{first:B}\0{BcdAliases.BootManager.ToString("B").ToUpperInvariant()}\0not one\0\0");
        Assert.Equal([first], BcdElement.Read(BcdElementTypes.DefaultObject, text).Objects);
        Assert.Equal([first, BcdAliases.BootManager], BcdElement.Read(BcdElementTypes.DisplayOrder, list).Objects);
    }

    [Fact]
    public void Integer_lists_are_read() => Assert.Equal(
        [0x15000075UL, 1UL], BcdElement.Read(0x17000077, Convert.FromHexString("75000015000000000100000000000000")).Integers);

    [Fact]
    public void Bytes_that_do_not_fit_the_format_give_no_value_and_no_error()
    {
        Random random = new(2);
        for (uint format = 0; format < 16; format++)
        {
            for (int length = 0; length < 40; length++)
            {
                byte[] data = new byte[length];
                random.NextBytes(data);
                BcdElement.Read(0x20000000 | (format << 24), data);
            }
        }

        Assert.Null(BcdElement.Read(0x25000004, []).Integer);
        Assert.Null(BcdElement.Read(0x25000004, new byte[9]).Integer);
        Assert.Null(BcdElement.Read(0x26000005, []).Flag);
        Assert.Null(BcdElement.Read(0x17000077, new byte[7]).Integers);
        Assert.Empty(BcdElement.Read(BcdElementTypes.DisplayOrder, [0x41]).Objects!);
    }

    [Theory]
    [InlineData(0x21000001u, BcdObjectTypes.OsLoader, "osdevice")]
    [InlineData(0x21000001u, BcdObjectTypes.Resume, "filedevice")]
    [InlineData(0x23000003u, BcdObjectTypes.BootManager, "default")]
    [InlineData(0x23000003u, BcdObjectTypes.OsLoader, "resumeobject")]
    [InlineData(0x260000A2u, BcdObjectTypes.OsLoader, "useplatformclock")]
    [InlineData(0x25000004u, BcdObjectTypes.BootManager, "timeout")]
    [InlineData(0x25000004u, BcdObjectTypes.MemoryTester, "testtofail")]
    [InlineData(0x26000025u, BcdObjectTypes.BootManager, "hiberboot")]
    [InlineData(0x26000025u, BcdObjectTypes.OsLoader, "lastknowngood")]
    [InlineData(0x1600007Eu, BcdObjectTypes.OsLoader, "flightsigning")]
    [InlineData(0x46000010u, BcdObjectTypes.OsLoader, "custom:46000010")]
    public void Names_are_bcdedits(uint element, uint item, string expected) =>
        Assert.Equal(expected, BcdElementNames.NameOf(element, item));
}
