namespace Hyper2Kvm.Editing.Commit;

/// <summary>The time of writing that an edit gives the files it writes, so that a later writing shows.</summary>
internal static class EditTime
{
    /// <summary>Two seconds, of which even FAT keeps the time of a file.</summary>
    private const long Step = 2 * TimeSpan.TicksPerSecond;

    public static DateTime Of(DateTime utcNow) => new(utcNow.Ticks / Step * Step, DateTimeKind.Utc);
}
