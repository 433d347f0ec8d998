namespace Hyper2Kvm;

/// <summary>A signature of a driver, in the driver itself or in its package's catalog.</summary>
/// <remarks>Its mathematics are checked. Names are those in the certificates; no trust store is asked, for the guest's decides.</remarks>
public sealed record DriverSignature
{
    /// <summary>The file that holds it, <c>viostor.sys</c> or <c>viostor.cat</c>.</summary>
    public required string File { get; init; }

    /// <summary>It is in the driver itself: what the boot loader wants of a driver that starts at boot.</summary>
    public required bool IsEmbedded { get; init; }

    public required DriverSignatureKind Kind { get; init; }

    /// <summary>Common name of the signer's certificate.</summary>
    public string Signer { get; init; } = "";

    /// <summary>SHA-1 of the signer's certificate.</summary>
    public string Thumbprint { get; init; } = "";

    /// <summary>Common name of who issued the last certificate that comes with the signature.</summary>
    public string Root { get; init; } = "";

    /// <summary>Hash algorithm: SHA-1, SHA-256.</summary>
    public string Digest { get; init; } = "";

    /// <summary>First day of the signer's certificate, UTC; null when there is none.</summary>
    public DateTime? NotBefore { get; init; }

    /// <summary>Last day of the signer's certificate, UTC; null when there is none.</summary>
    public DateTime? NotAfter { get; init; }

    /// <summary>Time that a timestamping authority vouches for, UTC; null: the signature ends with the certificate.</summary>
    public DateTime? Timestamp { get; init; }

    /// <summary>The Windows versions that a catalog was made for, as written there: <c>2:10.0</c>, <c>_v100_X64_21H2</c>.</summary>
    public IReadOnlyList<string> Systems { get; init; } = [];

    /// <summary>Why <see cref="Kind"/> is <see cref="DriverSignatureKind.Damaged"/> or <see cref="DriverSignatureKind.Unknown"/>.</summary>
    public string? Problem { get; init; }

    public override string ToString() => Kind == DriverSignatureKind.None ? "None" : $"{Kind} ({Signer}, {Digest})";
}
