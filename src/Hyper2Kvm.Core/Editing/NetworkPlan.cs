using Hyper2Kvm.Editing.Actions;

namespace Hyper2Kvm.Editing;

/// <summary>What a network policy means for one guest.</summary>
/// <param name="Actions">What is done to it.</param>
/// <param name="Warnings">What is not carried over, and why.</param>
public sealed record NetworkPlan(IReadOnlyList<EditAction> Actions, IReadOnlyList<string> Warnings)
{
    /// <summary>The settings that the first boot applies.</summary>
    public IReadOnlyList<AdapterSettings> Settings { get; init; } = [];
}
