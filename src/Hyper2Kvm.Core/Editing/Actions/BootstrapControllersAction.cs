namespace Hyper2Kvm.Editing.Actions;

/// <summary>Lets Windows' own SATA, IDE and NVMe drivers start at boot.</summary>
public sealed record BootstrapControllersAction : EditAction
{
    public override string Step => "BootstrapControllers";
}
