using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.FileSystems;

namespace Hyper2Kvm.Guest;

/// <summary>Finds the processor architecture of a Windows: from the machine field of its own programs, else from its environment.</summary>
internal static class GuestArchitectureProbe
{
    private const int HeaderSize = 1024;

    private static readonly string[] s_programs = ["ntoskrnl.exe", "cmd.exe", "ntdll.dll"];

    /// <exception cref="UnsupportedFeatureException"><c>ArchitectureUnknown</c>.</exception>
    public static GuestArchitecture Find(WindowsInstallation windows, SystemHiveFacts facts)
    {
        foreach (string program in s_programs)
        {
            if (Machine(windows.FileSystem, windows.System32 / program) is { } architecture)
            {
                return architecture;
            }
        }

        return facts.ProcessorArchitecture.ToUpperInvariant() switch
        {
            "AMD64" => GuestArchitecture.X64,
            "X86" => GuestArchitecture.X86,
            "ARM64" => GuestArchitecture.Arm64,
            var other => throw new UnsupportedFeatureException(
                "ArchitectureUnknown", $"a Windows of architecture '{other}'", windows.System32.ToString()),
        };
    }

    /// <summary>PE header, IMAGE_FILE_HEADER.Machine. Null where the file is not there or not plainly stored.</summary>
    private static GuestArchitecture? Machine(IGuestFileSystem fileSystem, GuestPath path)
    {
        // A link or a CompactOS file is a reparse point: its first bytes are elsewhere, so ask the next witness.
        if (fileSystem.Find(path) is not { IsDirectory: false, IsReparsePoint: false, Length: >= HeaderSize })
        {
            return null;
        }

        byte[] head = new byte[HeaderSize];
        fileSystem.OpenFile(path).Read(0, head);
        uint header = Le.U32(head, 0x3C);
        if (Le.U16(head, 0) != 0x5A4D || header > HeaderSize - 6 || Le.U32(head, (int)header) != 0x00004550)
        {
            return null;
        }

        return Le.U16(head, (int)header + 4) switch
        {
            0x014C => GuestArchitecture.X86,
            0x8664 => GuestArchitecture.X64,
            0xAA64 => GuestArchitecture.Arm64,
            _ => null,
        };
    }
}
