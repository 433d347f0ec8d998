namespace Hyper2Kvm.Editing.Actions;

/// <summary>Keeps a copy of the boot store beside it.</summary>
/// <param name="StorePath">The store, or boot.ini, on the boot partition.</param>
/// <param name="Sha256">Of the store, lower-case hex: names the copy.</param>
public sealed record BcdBackupAction(string StorePath, string Sha256) : EditAction
{
    public override string Step => "BcdBackup";
}
