using Hyper2Kvm.Blocks;
using Hyper2Kvm.Drivers;
using Hyper2Kvm.Signatures;

namespace Hyper2Kvm.Fuzz.Targets;

/// <summary>A driver's binary: its header, its Authenticode digests and the signatures in it.</summary>
internal sealed class SignatureTarget() : FuzzTarget("pe")
{
    public override void Run(IReadOnlyList<FuzzPart> parts)
    {
        PeImage image = PeImage.Read(new MemoryBlockDevice(parts[0].Bytes), "x.sys");
        _ = DriverSignatures.Embedded(image, "x.sys");
        _ = image.Digest(DigestKind.Sha1);
        foreach (SignatureReading signature in image.Signatures())
        {
            Look(signature);
            _ = image.IsCoveredBy(signature);
        }
    }

    public static void Look(SignatureReading signature)
    {
        _ = signature.Root;
        if (signature.Signer is not null)
        {
            _ = DriverSignatures.KindOf(signature);
        }
    }
}
