namespace Hyper2Kvm;

/// <summary>Something about a disk that may go wrong in a migration, and forbids no edit.</summary>
/// <param name="Id">Stable name: docs/ErrorIds.md lists them.</param>
/// <param name="Message">What was found, and what to do.</param>
public sealed record LayoutWarning(string Id, string Message)
{
    public override string ToString() => $"{Id}: {Message}";
}
