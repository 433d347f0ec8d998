namespace Hyper2Kvm;

/// <summary>A decision of a migration, by the rules of the boot cycle.</summary>
/// <param name="Question">For example <c>VirtIO boot-ready?</c></param>
/// <param name="Answer">What the disk says.</param>
/// <param name="Consequence">What follows.</param>
public sealed record KvmMigrationDecision(string Question, string Answer, string Consequence)
{
    public override string ToString() => $"{Question} {Answer}: {Consequence}";
}
