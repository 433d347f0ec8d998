using System.Buffers.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Drivers;

/// <summary>What a driver's own header says.</summary>
/// <remarks>
/// PE/COFF specification, learn.microsoft.com/windows/win32/debug/pe-format. DOS header: 0x00 "MZ", 0x3C offset of the PE header.
/// PE header: 0x00 "PE\0\0", 0x04 Machine, 0x18 optional header with Magic 0x10B (PE32) or 0x20B (PE32+). Certificate table:
/// data directory 4, at 0x80 (PE32) or 0x90 (PE32+) of the optional header.
/// </remarks>
/// <param name="Machine">IMAGE_FILE_MACHINE_*: 0x14C x86, 0x8664 x64, 0xAA64 arm64.</param>
/// <param name="HasSignature">An Authenticode signature is embedded.</param>
internal readonly record struct PeHeader(ushort Machine, bool HasSignature)
{
    private const string ErrorId = "DriverBinaryDamaged";

    /// <exception cref="DiskFormatException"><c>DriverBinaryDamaged</c>: it is no PE file.</exception>
    public static PeHeader Read(IBlockDevice file, string name)
    {
        Span<byte> dos = stackalloc byte[0x40];
        file.ReadChecked(0, dos, ErrorId, $"DOS header of {name}");
        long offset = BinaryPrimitives.ReadUInt32LittleEndian(dos[0x3C..]);
        Span<byte> header = stackalloc byte[0x18 + 0x98];
        file.ReadChecked(offset, header, ErrorId, $"PE header of {name}");
        if (!dos.StartsWith("MZ"u8) || !header.StartsWith("PE\0\0"u8))
        {
            throw new DiskFormatException(ErrorId, $"PE header of {name}", offset, "a Windows driver", "something else",
                "The driver source is damaged: fetch it again.");
        }

        int certificates = 0x18 + (BinaryPrimitives.ReadUInt16LittleEndian(header[0x18..]) == 0x20B ? 0x90 : 0x80);
        return new PeHeader(
            BinaryPrimitives.ReadUInt16LittleEndian(header[0x04..]), BinaryPrimitives.ReadUInt32LittleEndian(header[(certificates + 4)..]) != 0);
    }
}
