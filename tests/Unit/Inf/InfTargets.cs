using Hyper2Kvm.Inf;

namespace Hyper2Kvm.Unit.Inf;

/// <summary>Windows versions that the tests judge INFs for.</summary>
internal static class InfTargets
{
    public static InfTarget Xp { get; } = new("x86", 5, 1, 2600, 1);

    public static InfTarget Vista32 { get; } = new("x86", 6, 0, 6002, 1);

    public static InfTarget Windows7 { get; } = new("amd64", 6, 1, 7601, 1);

    public static InfTarget Windows81 { get; } = new("amd64", 6, 3, 9600, 1);

    public static InfTarget Windows10 { get; } = new("amd64", 10, 0, 19045, 1);

    public static InfTarget Windows11 { get; } = new("amd64", 10, 0, 26100, 1);

    public static InfTarget Server2022 { get; } = new("amd64", 10, 0, 20348, 3);
}
