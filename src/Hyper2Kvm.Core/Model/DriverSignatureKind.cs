namespace Hyper2Kvm;

/// <summary>What a driver's signature is worth to Windows.</summary>
public enum DriverSignatureKind
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>There is one that does not hold: the file or the signature was changed.</summary>
    Damaged,

    /// <summary>There is one that is made in a way that is not judged here: RSA-PSS, or a curve without a name.</summary>
    Unknown,

    /// <summary>Signed by the maker for himself; taken only when test signing is on.</summary>
    TestSigned,

    /// <summary>Signed with a certificate that does not lead to Microsoft; good for installing, not for the kernel of a 64-bit Windows.</summary>
    Publisher,

    /// <summary>The publisher's certificate leads to the Microsoft Code Verification Root.</summary>
    CrossSigned,

    /// <summary>Signed by Microsoft for the maker's word that it works; made for the clients of Windows 10 and later.</summary>
    Attested,

    /// <summary>Signed by Microsoft after tests in its hardware laboratory kit (WHQL).</summary>
    HardwareCertified,

    /// <summary>Signed by Microsoft as part of Windows.</summary>
    Windows,
}
