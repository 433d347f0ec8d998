using Hyper2Kvm.Editing.Actions;

namespace Hyper2Kvm.Editing;

/// <summary>What a user wants of a guest's network.</summary>
public sealed record NetworkRequest
{
    /// <summary>Null: the settings stay where they are.</summary>
    public NetworkPolicy? Policy { get; init; }

    public bool RemoveGhostAdapters { get; init; }

    /// <summary>The machine's cards, where they are known: an adapter that has none of these addresses is not carried over.</summary>
    public IReadOnlyList<string> MacAddresses { get; init; } = [];

    /// <summary>Addresses of adapters by their connection's name or id, where the user knows better than the guest.</summary>
    public IReadOnlyDictionary<string, string> AdapterMacs { get; init; } = new Dictionary<string, string>();

    /// <summary>For <see cref="NetworkPolicy.Replace"/>.</summary>
    public IReadOnlyList<AdapterSettings> Replacement { get; init; } = [];
}
