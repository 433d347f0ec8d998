namespace Hyper2Kvm.Editing.Actions;

/// <summary>Removes all entries of network adapters, and stale network profiles.</summary>
/// <param name="Adapters">Their ids.</param>
public sealed record RemoveAdaptersAction(IReadOnlyList<Guid> Adapters) : EditAction
{
    public override string Step => "RemoveAdapters";
}
