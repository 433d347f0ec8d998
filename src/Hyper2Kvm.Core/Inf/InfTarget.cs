namespace Hyper2Kvm.Inf;

/// <summary>The Windows for which an INF's decorations are judged.</summary>
/// <param name="Architecture">As decorations spell it: <c>x86</c>, <c>amd64</c>, <c>arm64</c>.</param>
/// <param name="Major">OSMajorVersion: 10.</param>
/// <param name="Minor">OSMinorVersion: 0.</param>
/// <param name="Build">BuildNumber: 19045.</param>
/// <param name="ProductType">VER_NT_WORKSTATION 1, VER_NT_DOMAIN_CONTROLLER 2, VER_NT_SERVER 3.</param>
/// <param name="SuiteMask">VER_SUITE_* bits; 0 when not known.</param>
public sealed record InfTarget(string Architecture, int Major, int Minor, int Build, int ProductType, int SuiteMask = 0)
{
    public override string ToString() =>
        FormattableString.Invariant($"Windows {Major}.{Minor}.{Build} {Architecture}, product type {ProductType}");
}
