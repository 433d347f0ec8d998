namespace Hyper2Kvm.Bcd;

/// <summary>Types of boot objects.</summary>
/// <remarks>Bits 28-31: 1 application, 2 inheritable settings, 3 device options. Applications: bits 20-23 say who starts them (1 firmware,
/// 2 boot manager, 3 legacy loader, 4 real mode), bits 0-19 which one it is.</remarks>
public static class BcdObjectTypes
{
    public const uint FirmwareBootManager = 0x10100001;
    public const uint BootManager = 0x10100002;
    public const uint FirmwareApplication = 0x101FFFFF;
    public const uint OsLoader = 0x10200003;
    public const uint Resume = 0x10200004;
    public const uint MemoryTester = 0x10200005;
    public const uint LegacyLoader = 0x10300006;

    /// <summary>What bcdedit calls it.</summary>
    public static string NameOf(uint type) => type switch
    {
        FirmwareBootManager => "Firmware Boot Manager",
        BootManager => "Windows Boot Manager",
        FirmwareApplication => "Firmware Application",
        OsLoader => "Windows Boot Loader",
        Resume => "Resume from Hibernate",
        MemoryTester => "Windows Memory Tester",
        LegacyLoader => "Windows Legacy OS Loader",
        0x10400008 => "Real-mode Boot Sector",
        0x1040000A => "Real-mode Startup Program",
        0x20100000 => "Settings for all applications",
        0x20200003 => "Settings for boot loaders",
        0x20200004 => "Settings for resume loaders",
        0x30000000 => "Device options",
        _ => FormattableString.Invariant($"Object of type 0x{type:X8}"),
    };

    /// <summary>What bcdedit writes above an object: settings that it knows by their GUID have names of their own.</summary>
    public static string TitleOf(Guid id, uint type) => BcdAliases.NameOf(id) switch
    {
        "{badmemory}" => "RAM Defects",
        "{dbgsettings}" => "Debugger Settings",
        "{kerneldbgsettings}" => "Kernel Debugger Settings",
        "{emssettings}" => "EMS Settings",
        "{globalsettings}" => "Global Settings",
        "{bootloadersettings}" => "Boot Loader Settings",
        "{resumeloadersettings}" => "Resume Loader Settings",
        "{hypervisorsettings}" => "Hypervisor Settings",
        "{ramdiskoptions}" => "Setup Ramdisk Options",
        _ => NameOf(type),
    };
}
