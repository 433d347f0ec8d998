namespace Hyper2Kvm;

/// <summary>A persistent route.</summary>
/// <param name="Destination">Network with its prefix.</param>
/// <param name="NextHop">Gateway on the way.</param>
/// <param name="Metric">Null: by the adapter.</param>
/// <param name="AdapterId">The adapter that the route is bound to; null where Windows finds it by the next hop.</param>
public sealed record NetworkRoute(NetworkAddress Destination, string NextHop, int? Metric, Guid? AdapterId)
{
    public override string ToString() => $"{Destination} via {NextHop}";
}
