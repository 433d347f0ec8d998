using Hyper2Kvm.Drivers;
using Hyper2Kvm.Signatures;

namespace Hyper2Kvm.Fuzz.Targets;

/// <summary>A security catalog: its members, its systems and who signed it.</summary>
internal sealed class CatalogTarget() : FuzzTarget("cat")
{
    private static readonly byte[] s_digest = new byte[32];
    private static readonly WindowsVersion s_windows =
        new() { ProductName = "Windows 10", Major = 10, Minor = 0, Build = 19045, Architecture = GuestArchitecture.X64, IsServer = false };

    public override IReadOnlyList<(string Folder, string Pattern)> RealSeeds => [("virtio-drivers/*", "*.cat*")];

    public override void Run(IReadOnlyList<FuzzPart> parts)
    {
        SecurityCatalog catalog = SecurityCatalog.Parse(parts[0].Bytes, "x.cat");
        _ = catalog.Contains(s_digest);
        _ = CatalogSystems.Fit(catalog.Systems, s_windows);
        SignatureTarget.Look(catalog.Signature);
    }
}
