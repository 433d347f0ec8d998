namespace Hyper2Kvm.Guest;

/// <summary>Where a Windows puts its crash dumps: values of Control\CrashControl, and what set-up writes there.</summary>
internal static class CrashDumpFiles
{
    public const string Key = @"Control\CrashControl";

    /// <summary>From Vista on the dump can be written to a file of its own directly; by itself Windows has none and goes by its page file.</summary>
    public const string Dedicated = "DedicatedDumpFile";

    /// <summary>Where the dump is copied to at the next start; the same since NT.</summary>
    public static readonly (string Name, string Default)[] Copies =
        [("DumpFile", @"%SystemRoot%\MEMORY.DMP"), ("MinidumpDir", @"%SystemRoot%\Minidump")];
}
