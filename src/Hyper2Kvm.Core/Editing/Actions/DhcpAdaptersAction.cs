namespace Hyper2Kvm.Editing.Actions;

/// <summary>Takes the static settings from network adapters.</summary>
/// <param name="Adapters">Their ids.</param>
public sealed record DhcpAdaptersAction(IReadOnlyList<Guid> Adapters) : EditAction
{
    public override string Step => "DhcpAdapters";
}
