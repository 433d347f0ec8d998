namespace Hyper2Kvm;

/// <summary>When a boot came to a stage, and what showed it.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="After">Since the machine was started.</param>
/// <param name="Evidence">For people.</param>
public sealed record KvmBootMilestone(KvmBootStage Stage, TimeSpan After, string Evidence)
{
    public override string ToString() => $"{Stage} after {After.TotalSeconds:0.0} s";
}
