using System.Globalization;

namespace Hyper2Kvm.Bcd;

/// <summary>Values of elements in bcdedit's words.</summary>
/// <remarks>Source: bcdedit /? TYPES and the enumerations at
/// https://learn.microsoft.com/previous-versions/windows/desktop/bcd/boot-configuration-data-enumerations.</remarks>
public static class BcdElementValues
{
    private static readonly string[] s_launch = ["Off", "Auto"];
    private static readonly string[] s_policy = ["Default", "Disable", "Enable"];
    private static readonly string[] s_bootUx = ["Disabled", "Basic", "Standard"];
    private static readonly string[] s_debuggers = ["Serial", "1394", "USB", "Net", "Local"];
    private static readonly string[] s_menu = ["Legacy", "Standard"];

    private static readonly Dictionary<uint, string[]> s_words = new()
    {
        [0x1500000C] = ["UseNone", "UseAll", "UsePrivate"],
        [0x15000011] = s_debuggers,
        [0x15000018] = ["Active", "AutoEnable", "Disable"],
        [0x15000047] = ["Default", "DisallowMmConfig"],
        [0x15000065] =
            ["Default", "Resume", "HyperV", "Recovery", "StartupRepair", "SystemImageRecovery", "CommandPrompt", "SystemRestore", "PushButtonReset"],
        [0x15000066] =
            ["Default", "Resume", "HyperV", "Recovery", "StartupRepair", "SystemImageRecovery", "CommandPrompt", "SystemRestore", "PushButtonReset"],
        [0x25000020] = ["OptIn", "OptOut", "AlwaysOff", "AlwaysOn"],
        [0x25000021] = ["Default", "ForceEnable", "ForceDisable"],
        [0x25000055] = s_policy,
        [0x25000071] = ["Default", "ForceDisable"],
        [0x25000072] = ["Default", "ForceDisable"],
        [0x25000080] = ["Minimal", "Network", "DsRepair"],
        [0x250000A6] = ["Default", "Legacy", "Enhanced"],
        [0x250000C1] = ["Fatal", "UseErrorControl"],
        [0x250000C2] = s_menu,
        [0x250000E0] =
        [
            "DisplayAllFailures", "IgnoreAllFailures", "IgnoreShutdownFailures", "IgnoreBootFailures", "IgnoreCheckpointFailures",
            "DisplayShutdownFailures", "DisplayBootFailures", "DisplayCheckpointFailures",
        ],
        [0x250000F0] = s_launch,
        [0x250000F3] = ["Serial", "1394", "None", "Net"],
        [0x250000F7] = s_bootUx,
        [0x25000100] = ["Default", "ForceDisable", "ForceEnable"],
        [0x25000115] = ["Default", "Enable", "Disable"],
        [0x2500012C] = s_debuggers,
        [0x25000142] = s_launch,
    };

    /// <summary>Addresses and masks, which bcdedit prints in hex.</summary>
    private static readonly HashSet<uint> s_hex =
        [0x15000007, 0x1500000D, 0x1500000E, 0x15000012, 0x15000042, 0x2500012A, 0x2500012E, 0x35000001, 0x35000005];

    /// <summary>An integer as bcdedit prints it.</summary>
    /// <param name="elementType">Element type.</param>
    /// <param name="objectType">Type of the object that has it.</param>
    /// <param name="value">The number; one that has no word stays a number.</param>
    public static string Integer(uint elementType, uint objectType, ulong value)
    {
        if (WordsOf(elementType, objectType) is { } words && value < (ulong)words.Length)
        {
            return words[(int)value];
        }

        return s_hex.Contains(elementType) ? Hex(value) : value.ToString(CultureInfo.InvariantCulture);
    }

    public static string Hex(ulong value) => string.Create(CultureInfo.InvariantCulture, $"0x{value:x}");

    public static string Flag(bool value) => value ? "Yes" : "No";

    private static string[]? WordsOf(uint elementType, uint objectType) => (elementType, objectType) switch
    {
        (0x25000007, BcdObjectTypes.Resume) => s_bootUx,
        (0x25000008, BcdObjectTypes.Resume) => s_menu,
        _ => s_words.GetValueOrDefault(elementType),
    };
}
