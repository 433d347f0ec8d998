namespace Hyper2Kvm;

/// <summary>An IP address with the length of its network's prefix.</summary>
/// <param name="Address">IPv4 or IPv6, in its usual short form.</param>
/// <param name="PrefixLength">0 to 32, or 0 to 128.</param>
public sealed record NetworkAddress(string Address, int PrefixLength)
{
    public bool IsIPv6 => Address.Contains(':', StringComparison.Ordinal);

    public override string ToString() => FormattableString.Invariant($"{Address}/{PrefixLength}");
}
