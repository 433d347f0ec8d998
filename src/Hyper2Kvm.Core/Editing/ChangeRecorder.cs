using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Editing;

/// <summary>Keeps account of what the steps do to a guest.</summary>
internal sealed class ChangeRecorder
{
    private readonly List<GuestChange> _changes = [];

    /// <summary>The step that is running.</summary>
    public string Step { get; set; } = "";

    public IReadOnlyList<GuestChange> Changes => _changes;

    public void Add(GuestChangeKind kind, string target, string? before, string? after) =>
        _changes.Add(new GuestChange(Step, kind, PlainText.Escape(target), Escape(before), Escape(after)));

    public void AddUnchanged(string target, string? content) => Add(GuestChangeKind.Unchanged, target, content, content);

    private static string? Escape(string? content) => content is null ? null : PlainText.Escape(content);
}
