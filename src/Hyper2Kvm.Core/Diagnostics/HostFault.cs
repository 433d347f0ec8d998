namespace Hyper2Kvm.Diagnostics;

/// <summary>What an error of the host's input and output is called, and what to do about it.</summary>
/// <param name="Id">Stable id, as those of our own errors.</param>
/// <param name="Remedy">What the user can do.</param>
public sealed record HostFault(string Id, string Remedy)
{
    public const string AccessDenied = "AccessDenied";
    public const string FileNotFound = "FileNotFound";
    public const string DiskFull = "DiskFull";

    /// <summary>ENOSPC as .NET reports it on Unix: the bare errno.</summary>
    private const int UnixNoSpace = 28;

    /// <summary>ERROR_DISK_FULL as HRESULT; the next is ERROR_HANDLE_DISK_FULL.</summary>
    private const int WindowsDiskFull = unchecked((int)0x80070070);

    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);

    /// <summary>True for the errors that belong to the input or the host; anything else is a bug of ours and must be seen as one.</summary>
    public static bool Covers(Exception exception) => exception is Hyper2KvmException or IOException or UnauthorizedAccessException;

    /// <param name="exception">One of the host's that <see cref="Covers"/>.</param>
    public static HostFault Of(Exception exception) => exception switch
    {
        UnauthorizedAccessException => new(AccessDenied, "Check who may use the file and its folder, and whether it is a file at all."),
        FileNotFoundException or DirectoryNotFoundException => new(FileNotFound, "Check the path."),
        IOException { HResult: UnixNoSpace or WindowsDiskFull or WindowsHandleDiskFull } =>
            new(DiskFull, "Nothing was left behind: make room, or name another place for the result."),
        _ => new("InputOutputError", "Check the host's disk and network, then run it again."),
    };
}
