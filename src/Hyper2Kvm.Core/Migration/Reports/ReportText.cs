using System.Globalization;

namespace Hyper2Kvm.Migration.Reports;

/// <summary>Sizes and times as people read them, the same on every host.</summary>
internal static class ReportText
{
    private const double Step = 1024;
    private static readonly string[] s_units = ["bytes", "KiB", "MiB", "GiB", "TiB"];

    public static string Bytes(long count)
    {
        double size = count;
        int unit = 0;
        for (; size >= Step && unit < s_units.Length - 1; unit++)
        {
            size /= Step;
        }

        return unit == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{count} bytes")
            : string.Create(CultureInfo.InvariantCulture, $"{size:0.#} {s_units[unit]}");
    }

    public static string Duration(TimeSpan time) => time.TotalMinutes < 1
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s")
        : time.TotalHours < 1
            ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes} min {time.Seconds} s")
            : string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h {time.Minutes} min");

    /// <returns>Empty for a time that is not known.</returns>
    public static string Time(DateTime utc) => utc == default ? "" : utc.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    public static string YesNo(bool value) => value ? "yes" : "no";

    public static string Count(int count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");
}
