using System.Text;

namespace Hyper2Kvm.Unit.Booting;

/// <summary>A disk whose boot sector prints a text on the text screen and halts, as a failing boot manager does.</summary>
internal static class BootSector
{
    /// <summary>org 7C00h: text mode 3; each character by INT 10h, AH=0Eh; hlt for ever.</summary>
    private static readonly byte[] s_printer =
    [
        0x31, 0xC0, 0x8E, 0xD8, 0xFC,             // xor ax,ax; mov ds,ax; cld
        0xB8, 0x03, 0x00, 0xCD, 0x10,             // mov ax,3; int 10h
        0xBE, 0x1E, 0x7C,                         // mov si,7C1Eh
        0xAC, 0x84, 0xC0, 0x74, 0x09,             // lodsb; test al,al; jz 7C1Bh
        0xB4, 0x0E, 0xBB, 0x07, 0x00, 0xCD, 0x10, // mov ah,0Eh; mov bx,7; int 10h
        0xEB, 0xF2,                               // jmp 7C0Dh
        0xF4, 0xEB, 0xFD,                         // hlt; jmp 7C1Bh
    ];

    /// <summary>ACPI S5 by the PM1a control register of q35: mov dx,604h; mov ax,2000h; out dx,ax; hlt.</summary>
    private static readonly byte[] s_powerOff = [0xBA, 0x04, 0x06, 0xB8, 0x00, 0x20, 0xEF, 0xF4];

    /// <summary>Triple fault: lidt of an empty table, int3.</summary>
    private static readonly byte[] s_reset = [0x31, 0xC0, 0x8E, 0xD8, 0x0F, 0x01, 0x1E, 0x10, 0x7C, 0xCC];

    public static byte[] Printing(string text) => Disk([.. s_printer, .. Encoding.ASCII.GetBytes(text.Replace("\n", "\r\n", StringComparison.Ordinal)), 0]);

    public static byte[] PoweringOff() => Disk(s_powerOff);

    public static byte[] Resetting() => Disk(s_reset);

    private static byte[] Disk(byte[] code)
    {
        byte[] disk = new byte[1 << 20];
        code.CopyTo(disk, 0);
        disk[510] = 0x55;
        disk[511] = 0xAA;
        return disk;
    }
}
