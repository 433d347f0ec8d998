namespace Hyper2Kvm.Fuzz.Targets;

/// <summary>A parser that is one call.</summary>
/// <param name="name">Of the parser.</param>
/// <param name="parse">The call.</param>
/// <param name="realSeeds">See <see cref="FuzzTarget.RealSeeds"/>.</param>
internal sealed class BytesTarget(string name, Action<byte[]> parse, params (string Folder, string Pattern)[] realSeeds) : FuzzTarget(name)
{
    public override IReadOnlyList<(string Folder, string Pattern)> RealSeeds => realSeeds;

    public override void Run(IReadOnlyList<FuzzPart> parts) => parse(parts[0].Bytes);
}
