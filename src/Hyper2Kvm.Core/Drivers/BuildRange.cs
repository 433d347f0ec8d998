namespace Hyper2Kvm.Drivers;

/// <summary>Windows builds, both ends included.</summary>
public readonly record struct BuildRange(int From, int To)
{
    public bool Contains(int build) => build >= From && build <= To;

    public override string ToString() =>
        To == int.MaxValue ? FormattableString.Invariant($"{From}-") : FormattableString.Invariant($"{From}-{To}");
}
