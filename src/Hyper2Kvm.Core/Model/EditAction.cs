namespace Hyper2Kvm;

/// <summary>One thing that is to be done to a guest, with all that it needs to know, as plain data: an edit can be told, logged, and
/// rehearsed again by its actions.</summary>
public abstract record EditAction
{
    /// <summary>Stable name of the step that does it, as in <see cref="GuestEdit.Steps"/> and <see cref="GuestChange.Step"/>.</summary>
    public abstract string Step { get; }

    public sealed override string ToString() => Step;
}
