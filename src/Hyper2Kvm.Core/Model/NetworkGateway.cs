namespace Hyper2Kvm;

/// <summary>A default gateway.</summary>
/// <param name="Address">IPv4 or IPv6.</param>
/// <param name="Metric">Null: by the speed of the adapter.</param>
public sealed record NetworkGateway(string Address, int? Metric)
{
    public override string ToString() => Metric is null ? Address : FormattableString.Invariant($"{Address} metric {Metric}");
}
