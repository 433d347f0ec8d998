using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;

namespace Hyper2Kvm.Guest;

/// <summary>The processor that a program is for.</summary>
/// <remarks>Source: https://learn.microsoft.com/windows/win32/debug/pe-format, "Machine Types".</remarks>
internal static class PeMachine
{
    private const int HeaderOffsetAt = 0x3C;

    /// <summary>The machine type of a PE image; null when it is none.</summary>
    public static ushort? Of(IBlockDevice program)
    {
        Span<byte> bytes = stackalloc byte[HeaderOffsetAt + 4];
        if (program.Length < bytes.Length)
        {
            return null;
        }

        program.Read(0, bytes);
        uint header = Le.U32(bytes, HeaderOffsetAt);
        if (!bytes[..2].SequenceEqual("MZ"u8) || header > program.Length - 6)
        {
            return null;
        }

        program.Read(header, bytes[..6]);
        return bytes[..4].SequenceEqual("PE\0\0"u8) ? Le.U16(bytes, 4) : null;
    }

    public static ushort? For(GuestArchitecture architecture) => architecture switch
    {
        GuestArchitecture.X86 => 0x014C,
        GuestArchitecture.X64 => 0x8664,
        GuestArchitecture.Arm64 => 0xAA64,
        _ => null,
    };
}
