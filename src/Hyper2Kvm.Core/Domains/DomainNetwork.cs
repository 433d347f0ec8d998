namespace Hyper2Kvm.Domains;

/// <summary>What a network card is plugged into.</summary>
/// <param name="Name">Of a libvirt network, or of a bridge of the host.</param>
/// <param name="IsBridge">A bridge of the host, that libvirt does not manage.</param>
public sealed record DomainNetwork(string Name, bool IsBridge)
{
    private const string NetworkPrefix = "network:";
    private const string BridgePrefix = "bridge:";

    /// <summary><c>br0</c> and <c>bridge:br0</c> are a bridge, <c>network:default</c> is a libvirt network.</summary>
    public static DomainNetwork Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.StartsWith(NetworkPrefix, StringComparison.OrdinalIgnoreCase) ? new DomainNetwork(text[NetworkPrefix.Length..].Trim(), false)
            : text.StartsWith(BridgePrefix, StringComparison.OrdinalIgnoreCase) ? new DomainNetwork(text[BridgePrefix.Length..].Trim(), true)
            : new DomainNetwork(text.Trim(), true);
    }

    public override string ToString() => (IsBridge ? BridgePrefix : NetworkPrefix) + Name;
}
