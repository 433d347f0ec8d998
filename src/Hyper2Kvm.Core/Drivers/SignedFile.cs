namespace Hyper2Kvm.Drivers;

/// <summary>A file of a package with the signatures that count for it.</summary>
/// <param name="Path">Within the driver source.</param>
/// <param name="StartsAtBoot">It is a driver that starts at boot.</param>
/// <param name="Signatures">Those in itself, then that of the catalog.</param>
internal sealed record SignedFile(string Path, bool StartsAtBoot, IReadOnlyList<DriverSignature> Signatures);
