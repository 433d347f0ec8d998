namespace Hyper2Kvm.FileSystems.Fat;

/// <summary>Clusters of a chain that lie one after the other.</summary>
/// <param name="Cluster">The first one.</param>
/// <param name="Count">How many.</param>
internal readonly record struct FatRun(uint Cluster, uint Count);
