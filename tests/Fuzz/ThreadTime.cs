using System.Runtime.InteropServices;

namespace Hyper2Kvm.Fuzz;

/// <summary>What the processor has done for this thread: in the unit tests others work beside it, and that is not the parser's.</summary>
internal static class ThreadTime
{
    /// <summary>CLOCK_THREAD_CPUTIME_ID of Linux, clock_gettime(2).</summary>
    private const int ThreadClock = 3;

    /// <summary>Of the whole process where the host does not tell it for a thread.</summary>
    public static TimeSpan Now => OperatingSystem.IsLinux() && Environment.Is64BitProcess && GetTime(ThreadClock, out Moment moment) == 0
        ? TimeSpan.FromSeconds(moment.Seconds) + TimeSpan.FromMicroseconds(moment.Nanoseconds / 1000)
        : Environment.CpuUsage.TotalTime;

    [DllImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetTime(int clock, out Moment moment);

    /// <summary>struct timespec of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Moment
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
