using System.Globalization;

namespace Hyper2Kvm.Diagnostics;

/// <summary>Sizes as people read them, the same on every host: in tables, lists and reports.</summary>
public static class ByteSize
{
    private const double Step = 1024;

    /// <summary>From here on one decimal shows as the next unit's 1.</summary>
    private const double Full = Step - 0.05;

    private static readonly string[] s_units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <param name="count">Bytes; null where nobody knows.</param>
    /// <returns>Such as <c>127.5 GiB</c>; empty for null.</returns>
    public static string Text(long? count)
    {
        if (count is not { } bytes)
        {
            return "";
        }

        double size = bytes;
        int unit = 0;
        while (Math.Abs(size) >= (unit == 0 ? Step : Full))
        {
            size /= Step;
            unit++;
        }

        return unit == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{bytes} byte{(bytes == 1 ? "" : "s")}")
            : string.Create(CultureInfo.InvariantCulture, $"{size:0.#} {s_units[unit]}");
    }
}
