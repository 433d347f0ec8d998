using System.Management.Automation;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.PowerShell;

/// <summary>The only place where an exception becomes an error record.</summary>
internal static class ErrorRecords
{
    /// <summary>True for the errors that belong to the input or the host; anything else is a bug of ours and must be seen as one.</summary>
    public static bool Covers(Exception exception) => HostFault.Covers(exception);

    /// <param name="exception">One that <see cref="Covers"/>.</param>
    /// <param name="target">What the user named; when null, what the exception is about.</param>
    /// <param name="image">The disk that was worked on, or null: the message names it, also where the error is about a file within.</param>
    public static ErrorRecord From(Exception exception, object? target, string? image)
    {
        string where = image is null || exception.Message.Contains(image, StringComparison.Ordinal) ? "" : $"'{image}': ";
        if (exception is Hyper2KvmException ours)
        {
            return new ErrorRecord(ours, ours.ErrorId, CategoryOf(ours), target ?? ours.Subject) { ErrorDetails = Details(ours, where + ours.Message) };
        }

        HostFault fault = HostFault.Of(exception);
        return new ErrorRecord(exception, fault.Id, CategoryOf(fault), target ?? (exception as FileNotFoundException)?.FileName ?? image)
        {
            ErrorDetails = Details(exception, $"{where}{exception.Message} {fault.Remedy}"),
        };
    }

    /// <summary>The text that is shown in place of the exception's own; null where that says the same.</summary>
    /// <remarks>
    /// RecommendedAction stays empty: pwsh's concise view prints it beneath a message that ends with the remedy already. To have it there
    /// alone would be no better, for NormalView, logs and remoting know only the message. Scripts have it as Remedy of the exception.
    /// </remarks>
    private static ErrorDetails? Details(Exception exception, string text)
    {
        string plain = PlainText.Escape(text);
        return plain == exception.Message ? null : new ErrorDetails(plain);
    }

    private static ErrorCategory CategoryOf(HostFault fault) => fault.Id switch
    {
        HostFault.AccessDenied => ErrorCategory.PermissionDenied,
        HostFault.FileNotFound => ErrorCategory.ObjectNotFound,
        HostFault.DiskFull => ErrorCategory.WriteError,
        _ => ErrorCategory.ReadError,
    };

    private static ErrorCategory CategoryOf(Hyper2KvmException exception) => exception switch
    {
        DiskFormatException => ErrorCategory.InvalidData,
        UnsupportedFeatureException => ErrorCategory.NotImplemented,
        GuestStateException => ErrorCategory.ResourceUnavailable,
        GuestItemNotFoundException => ErrorCategory.ObjectNotFound,
        _ => ErrorCategory.NotSpecified,
    };
}
