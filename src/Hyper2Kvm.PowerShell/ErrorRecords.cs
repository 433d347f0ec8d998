using System.Management.Automation;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.PowerShell;

/// <summary>The only place where an exception becomes an error record.</summary>
internal static class ErrorRecords
{
    /// <summary>ENOSPC as .NET reports it on Unix: the bare errno.</summary>
    private const int UnixNoSpace = 28;

    /// <summary>ERROR_DISK_FULL as HRESULT; the next is ERROR_HANDLE_DISK_FULL.</summary>
    private const int WindowsDiskFull = unchecked((int)0x80070070);

    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);

    /// <summary>True for the errors that belong to the input or the host; anything else is a bug of ours and must be seen as one.</summary>
    public static bool Covers(Exception exception) => exception is Hyper2KvmException or IOException or UnauthorizedAccessException;

    /// <param name="exception">One that <see cref="Covers"/>.</param>
    /// <param name="target">What the user named; when null, what the exception is about.</param>
    /// <param name="image">The disk that was worked on, or null: the message names it, also where the error is about a file within.</param>
    public static ErrorRecord From(Exception exception, object? target, string? image)
    {
        string where = image is null || exception.Message.Contains(image, StringComparison.Ordinal) ? "" : $"'{image}': ";
        if (exception is Hyper2KvmException ours)
        {
            return new ErrorRecord(ours, ours.ErrorId, CategoryOf(ours), target ?? ours.Subject)
            {
                ErrorDetails = new ErrorDetails(PlainText.Escape(where + ours.Message)) { RecommendedAction = ours.Remedy ?? "" },
            };
        }

        (string id, ErrorCategory category, string remedy) = exception switch
        {
            UnauthorizedAccessException => (
                "AccessDenied", ErrorCategory.PermissionDenied, "Check who may use the file and its folder, and whether it is a file at all."),
            FileNotFoundException or DirectoryNotFoundException => ("FileNotFound", ErrorCategory.ObjectNotFound, "Check the path."),
            IOException { HResult: UnixNoSpace or WindowsDiskFull or WindowsHandleDiskFull } => (
                "DiskFull", ErrorCategory.WriteError, "Nothing was left behind: make room, or name another place for the result."),
            _ => ("InputOutputError", ErrorCategory.ReadError, "Check the host's disk and network, then run it again."),
        };
        return new ErrorRecord(exception, id, category, target ?? (exception as FileNotFoundException)?.FileName ?? image)
        {
            ErrorDetails = new ErrorDetails(PlainText.Escape($"{where}{exception.Message} {remedy}")) { RecommendedAction = remedy },
        };
    }

    private static ErrorCategory CategoryOf(Hyper2KvmException exception) => exception switch
    {
        DiskFormatException => ErrorCategory.InvalidData,
        UnsupportedFeatureException => ErrorCategory.NotImplemented,
        GuestStateException => ErrorCategory.ResourceUnavailable,
        GuestItemNotFoundException => ErrorCategory.ObjectNotFound,
        _ => ErrorCategory.NotSpecified,
    };
}
