using System.Globalization;

namespace Hyper2Kvm.Unit.Support;

/// <summary>One build of Windows for one processor, as docs/Support.md has it.</summary>
/// <param name="Row">First cell of its row there.</param>
internal sealed record Generation(string Row, int Build, bool IsServer, GuestArchitecture Architecture)
{
    /// <summary>Every row of the table whose guests are made here; Windows 2000 and what is only real is elsewhere.</summary>
    public static IReadOnlyList<Generation> All { get; } =
    [
        .. Both("XP (5.1)", 2600, false)[..1],
        .. Both("XP x64, Server 2003, 2003 R2 (5.2)", 3790, true),
        .. Both("Vista, Server 2008 (6.0)", 6002, false), .. Both("Vista, Server 2008 (6.0)", 6003, true),
        .. Both("7 (6.1)", 7601, false),
        X64("Server 2008 R2", 7601, true),
        .. Both("8 (6.2)", 9200, false),
        X64("Server 2012", 9200, true),
        .. Both("8.1 (6.3)", 9600, false),
        X64("Server 2012 R2", 9600, true),
        .. Both("10, versions 1507 to 22H2", 10240, false), .. Both("10, versions 1507 to 22H2", 14393, false),
        .. Both("10, versions 1507 to 22H2", 19045, false),
        X64("11, versions 21H2 to 25H2", 22000, false), X64("11, versions 21H2 to 25H2", 26200, false),
        X64("Server 2016", 14393, true), X64("Server 2019", 17763, true), X64("Server 2022", 20348, true), X64("Server 2025", 26100, true),
        new("10, 11", 19045, false, GuestArchitecture.Arm64), new("10, 11", 26100, false, GuestArchitecture.Arm64),
    ];

    /// <summary>Windows 8 and later bind boot devices by the driver database.</summary>
    public bool HasDriverDatabase => Build >= 9200;

    public Version Version => Build switch
    {
        2600 => new(5, 1),
        3790 => new(5, 2),
        < 7600 => new(6, 0),
        < 9200 => new(6, 1),
        < 9600 => new(6, 2),
        < 10240 => new(6, 3),
        _ => new(10, 0),
    };

    public ushort Machine => Architecture switch
    {
        GuestArchitecture.X86 => 0x014C,
        GuestArchitecture.Arm64 => 0xAA64,
        _ => 0x8664,
    };

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Build} {(IsServer ? "server" : "client")} {Architecture}");

    private static Generation X64(string row, int build, bool isServer) => new(row, build, isServer, GuestArchitecture.X64);

    private static Generation[] Both(string row, int build, bool isServer) =>
        [new(row, build, isServer, GuestArchitecture.X86), X64(row, build, isServer)];
}
