using Hyper2Kvm.Booting;

namespace Hyper2Kvm.Unit.Booting;

public sealed class SerialTextTests
{
    /// <summary>As OVMF passes the Windows boot manager's screen on.</summary>
    [Fact]
    public void A_boot_managers_screen_reads_as_lines()
    {
        string text = SerialText.Plain(
            "\x1b[13;05HFile: \x1b[1m\x1b[37m\x1b[40m\\Windows\\system32\\winload.efi\x1b[0m\x1b[37m\x1b[40m\x1b[14;05H\x1b[15;05HStatus: \x1b[1m\x1b[37m\x1b[40m0xc000007b\x1b[0m");
        Assert.Equal("\nFile: \\Windows\\system32\\winload.efi\n\nStatus: 0xc000007b", text);
        Assert.Equal("0xC000007B", BootSymptoms.Find(text)!.Code);
    }

    [Fact]
    public void Plain_text_stays_as_it_is() => Assert.Equal("[    0.0] a [b] c\r\n", SerialText.Plain("[    0.0] a [b] c\r\n"));
}
