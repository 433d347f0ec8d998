namespace Hyper2Kvm;

/// <summary>A network card of a source machine.</summary>
public sealed record SourceNic
{
    /// <summary>Not public, for PowerShell would make one full of nulls from any object that has some of its properties.</summary>
    internal SourceNic()
    {
    }

    /// <summary>Lower case with colons; null where the description does not say it.</summary>
    public string? MacAddress { get; init; }

    /// <summary>The network, port group or switch that it is plugged into; empty for none.</summary>
    public string NetworkName { get; init; } = "";

    /// <summary>In the source's words: <c>vmxnet3</c>, <c>E1000</c>; may be empty.</summary>
    public string Model { get; init; } = "";

    public override string ToString() => $"{MacAddress ?? "(no address)"} {NetworkName}".TrimEnd();
}
