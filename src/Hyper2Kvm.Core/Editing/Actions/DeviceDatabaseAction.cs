namespace Hyper2Kvm.Editing.Actions;

/// <summary>Binds the plan's storage devices to their services.</summary>
/// <param name="Plan">The drivers.</param>
public sealed record DeviceDatabaseAction(VirtioDriverPlan Plan) : EditAction
{
    public override string Step => "DeviceDatabase";
}
