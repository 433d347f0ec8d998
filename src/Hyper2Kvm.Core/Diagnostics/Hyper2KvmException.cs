namespace Hyper2Kvm.Diagnostics;

/// <summary>Base of every error that Core raises on purpose. The four children say what the user can do about it.</summary>
/// <remarks>I/O errors of the host pass through as they are; see docs/Architecture.md, Errors.</remarks>
public abstract class Hyper2KvmException : Exception
{
    protected Hyper2KvmException(string errorId, string subject, string message, string? remedy, Exception? inner)
        : base(remedy is null ? message : $"{message} {remedy}", inner)
    {
        ErrorId = errorId;
        Subject = subject;
        Remedy = remedy;
    }

    /// <summary>Stable identifier, documented in help; scripts may test for it.</summary>
    public string ErrorId { get; }

    /// <summary>What the error is about: an image path, a guest path, a registry key.</summary>
    public string Subject { get; }

    /// <summary>What the user can do about it; also the end of <see cref="Exception.Message"/>.</summary>
    public string? Remedy { get; }
}
