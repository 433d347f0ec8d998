namespace Hyper2Kvm.Editing.Actions;

/// <summary>Puts right what keeps the disk from starting its Windows, as far as the disk itself proves what is right.</summary>
public sealed record BcdRepairAction : EditAction
{
    public override string Step => "BcdRepair";
}
