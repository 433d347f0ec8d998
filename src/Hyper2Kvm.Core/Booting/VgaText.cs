using System.Text;

namespace Hyper2Kvm.Booting;

/// <summary>The text screen of a PC: 80 x 25 pairs of character and attribute at physical address 0xB8000.</summary>
internal static class VgaText
{
    public const long Address = 0xB8000;

    public const int Length = Columns * Rows * 2;

    private const int Columns = 80;
    private const int Rows = 25;

    /// <returns>The lines without what is blank at their ends; empty when the memory holds no text, as in graphics modes.</returns>
    public static string Read(ReadOnlySpan<byte> memory)
    {
        StringBuilder text = new();
        int printable = 0;
        int letters = 0;
        for (int row = 0; row < Rows; row++)
        {
            StringBuilder line = new(Columns);
            for (int column = 0; column < Columns; column++)
            {
                byte value = memory[((row * Columns) + column) * 2];
                bool plain = value is >= 0x20 and < 0x7F;
                printable += plain || value is 0 or >= 0xB0 and <= 0xDF ? 1 : 0; // 0xB0 to 0xDF: frames and shades of code page 437
                letters += value is >= (byte)'A' and <= (byte)'Z' or >= (byte)'a' and <= (byte)'z' ? 1 : 0;
                line.Append(plain ? (char)value : ' ');
            }

            text.Append(line.ToString().TrimEnd()).Append('\n');
        }

        return printable * 20 > Columns * Rows * 19 && letters >= 4 ? text.ToString().Trim('\n') : "";
    }
}
