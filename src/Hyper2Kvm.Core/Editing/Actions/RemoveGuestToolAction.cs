namespace Hyper2Kvm.Editing.Actions;

/// <summary>Switches off what a hypervisor's tools start in a guest.</summary>
/// <param name="Tool">Whose.</param>
public sealed record RemoveGuestToolAction(GuestTool Tool) : EditAction
{
    public override string Step => $"RemoveGuestTool-{Tool}";
}
