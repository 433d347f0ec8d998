using System.Text.RegularExpressions;

namespace Hyper2Kvm.Booting;

/// <summary>What a serial port says, without the control sequences by which firmware and boot manager draw screens on it.</summary>
/// <remarks>ECMA-48, 5.4: ESC [, parameters 0x30-0x3F, intermediates 0x20-0x2F, a final byte 0x40-0x7E.</remarks>
internal static partial class SerialText
{
    /// <summary>Text that was put elsewhere on the screen begins a line.</summary>
    public static string Plain(string text) => ControlSequence().Replace(text, sequence => sequence.Value[^1] is 'H' or 'f' ? "\n" : "");

    [GeneratedRegex(@"\x1B\[[0-?]*[ -/]*[@-~]", RegexOptions.CultureInvariant)]
    private static partial Regex ControlSequence();
}
