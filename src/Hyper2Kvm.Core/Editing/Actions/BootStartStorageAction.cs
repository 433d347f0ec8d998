namespace Hyper2Kvm.Editing.Actions;

/// <summary>Puts the plan's storage drivers into the guest and makes their services start at boot.</summary>
/// <param name="Plan">The drivers.</param>
public sealed record BootStartStorageAction(VirtioDriverPlan Plan) : EditAction
{
    public override string Step => "BootStartStorage";
}
