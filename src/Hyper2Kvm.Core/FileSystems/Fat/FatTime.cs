namespace Hyper2Kvm.FileSystems.Fat;

/// <summary>FAT dates and times (specification, section 6.1): local time without a zone, taken as UTC; 1980 to 2107 in steps of 2 s.</summary>
internal static class FatTime
{
    private static readonly DateTime s_first = new(1980, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly DateTime s_last = new(2107, 12, 31, 23, 59, 58, DateTimeKind.Utc);

    /// <summary>The time; the first possible one when the fields hold none.</summary>
    public static DateTime Read(ushort date, ushort time)
    {
        int year = 1980 + (date >> 9), month = (date >> 5) & 0x0F, day = date & 0x1F;
        int hour = time >> 11, minute = (time >> 5) & 0x3F, second = (time & 0x1F) * 2;
        return month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59
            ? s_first
            : new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc);
    }

    /// <summary>The nearest possible earlier time; <c>Tenth</c> is what is left of two seconds in units of 10 ms.</summary>
    public static (ushort Date, ushort Time, byte Tenth) Write(DateTime utc)
    {
        DateTime t = utc < s_first ? s_first : utc > s_last ? s_last : utc;
        return (
            (ushort)(((t.Year - 1980) << 9) | (t.Month << 5) | t.Day),
            (ushort)((t.Hour << 11) | (t.Minute << 5) | (t.Second / 2)),
            (byte)(((t.Second & 1) * 100) + (t.Millisecond / 10)));
    }
}
