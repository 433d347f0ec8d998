using System.Numerics;

namespace Hyper2Kvm.Signatures;

/// <summary>The keys of the roots that Windows trusts for drivers: a chain that only bears their names leads nowhere.</summary>
/// <remarks>Public keys of published root certificates; the thumbprint (SHA-1) of each stands beside it. That of the Code Verification Root, which
/// lies in Windows' own loader only, follows from the cross-certificates that it signed: of two RSA signatures s of the padded hashes m the
/// modulus is a common divisor of s^e - m.</remarks>
internal static class MicrosoftRoots
{
    private static readonly Dictionary<string, RsaPublicKey> s_keys = new(StringComparer.Ordinal)
    {
        // A43489159A520F0D93D032CCAF37E7FE20A8B419
        ["Microsoft Root Authority"] = Key(
            "qQK9wXDmO/JOGyifl3heMOqiqY0lX/j+lUyjt/6doiA+fFGim6KPYDJr0UJkee6sdslU2vLrnIYcj5+EZrPFa3piI9YdPN4PAZLolsS/LWaammgmmdA6LL8M"
            + "tVgmwUbnCj44liypKDmo7EmDQuOED7uabFVhrIJ8oWAtd0zpmbRkO5pQHDEIJBSfqeeRKxjmPZhjFGBYBWWfHTdSh/en75QCxhvTv1VFs4mAvzrsVJROrv2n"
            + "em10Tq8YzJYJKCEAV5BgaTe7SxIHPFb/W/ukZgoIptKBVlfvtjteFoF3BNr2vq6Alf6wzX/WpxpyXDzKvPAIoyIwswaFybMgdxOF3w=="),
        // CDD4EEAE6000AC7F40C3802C171E30148030C072
        ["Microsoft Root Certificate Authority"] = Key(
            "8136gGfUWqepDCyQINA1CDx1hM23B4mcidrezsNg+pFoWp6UcSkYdnzC4MgldpQOWPoENDbm36/3gLrpWAsrk+WdBeN3IpH3NGQ8IpEdXuEJkLwU/vx1WBnh"
            + "ebcHkqOuiFkI2J8HygNY/GgpbTLX0qjLS/zhC0gyT+bruK1P5FxvE5SZ25XVdduoGreUkbR3W/VIDI9qeX0UcAR9ba+Q9dpw2Ee3v5svbOcFt+ERYKx5kRR8"
            + "xdam5OF+1cN+5ZLSPAC1NoLeeeFt87Vu+J8zyctSfXOYNtuLoWuilZebo97CTSb/BpZnJQbI56zk7hIzlTGZyDUITjTKeVPVtb5jMllANsClTgRNPdtbBzPk"
            + "WL/vP1Nk2EJZNVf9D0V8JARNntY4dBGXIpDOaER0km/VS2+whuPHNkKg0PzBwFr5o2G5MEdxlgoWsJHAQpXvEH8oauMqH7HkzQM/d3EExyD8SQ8dRYik18t+"
            + "iK2OLexF28RRBMkq/OyGnpoRl1vezlOI5uK3/ayVwihA2+8EkN+BMznZskWlI4cGpVWJMbsGLWAOQRh9Hy61l8sR6xXVJKWU7xUUif1Lc/oyW/zRMwD5WWJw"
            + "BzLqLqtALXvK3SFnGzCZjxaqI6hB0bBuEZs2xN5AdJzhWGXBYB56WzjIj7sEJnzUFkDltmtsqob9AL/OwTU="),
        // 3B1EFD3A66EA28B16697394703A72CA340A05BD5
        ["Microsoft Root Certificate Authority 2010"] = Key(
            "uQieKOTk7AZOUGizQcV76662jq+BuiJEH2U0aUy+cEAX8hZ74nn9hu0NOfQbqK2SkB7LPXaPWtm1kRAuPAWNim0kVOcf7Vatg7RQnBWlF3SIWSD8CMWEdtNo"
            + "1G8oeM5cuPNQkET/42NfvqGaLJYVBNYH/h6EIeBCMRHEKDaUz1CkYp7J1qtxALJbDOaW1AoklvX/xtW3G9fLtyFirxLcoV034xr7GkaYwJvA52MfKgiTAn4e"
            + "ao7ynxiJ5CKForGEV0D/9Q7Yb5zt4kUxAc0X6X+wgUXjqiFAJqFyqqdPPAEFfu6DWLFeBmOZYpF4grcNkwwkarQb2yfsX5UEP5NKMPWXGLOn+RmnkzMdAcjb"
            + "IlJc1yXJRvmi+4dZQ76bYrGNLYZEGkaseGF+MAn6ronEQSoiZgOROUWcx4sMqMoNL/tS6gz3YzMjnf6wH61n1qdQA8YEcGO1LLGGWkO3+675biluISFBJgaM"
            + "ycPusMKFk6G5hdnmMmxLTD/WXaPltZ13w5zAVbd0AOO4OKuDl1DhmkIkHcbAozDRGlrIUjT3c/HHGB8zrXrsy0Fg8yOUIMJIRaxcUcYugMLidxW9hYftNp2W"
            + "ke4AtaNw7J/jjYBog3a6r11wUiIW4mb7urPFwvc+L3emyt7BpsZITMM3USPTJ9e4TnCW8KFEdq94z5rhZhM="),
        // 8F43288AD272F3103B6FB1428485EA3014C0BCFE
        ["Microsoft Root Certificate Authority 2011"] = Key(
            "soBBqjU4TRNyMmgiTbiy8f/VUrxsx/XSSow27tHCXH6Miq6vEyhvwHPjOs7QJahaOm3vqLhZqxMjaM0MKYfRb4Bcj0R/XZABUlisUcVfKofc3NgKHcEDuXuw"
            + "Vuij3mRhwp7483y57A21VP5MtmVPiPCcSJkMQgsJfDFZF3kGeCiNiTpMAyW+cWpcC+eEYKSZIuPSr4Skp/vRmO0Mqd6UieEOoNzAzpk96ghSu1Z55B+Euh64"
            + "tMRJXE8xS4fd3QVnJpmA4HERo7ilQeKkU7n3MimDDBO/Nl4Es0tDRy9r4pEe05hP3UIHyOgdEvyZqWs+kn7I1mk6/GS9tgmdyv0MC6Kbd2BLA5SkMGkS1kIt"
            + "wUFMytyq/Y9bg0aa2fyx0eOzyX9Ies0k8EGPXHTQrLAQIAZJt8ctIchX49CG8wNo+9DOccGJmUpkAWz97DCRz0E8ksfluoYdYYTHX4M5Yq60ki9H8wv4Veug"
            + "H1nQu3SbHtB25vLpBtcQ6Ppk3mnGNZaIAvBGuD8nmW/LcYkpNfdIFgI1j9V5fE0Cz1/rioNPRXGI+akNTnLpwpwHz0kbTgQOY1GMXtgAwVUstsbgwmVOyTQ5"
            + "9ZyzxH7oYW4TXxXEX9l+7R3O7kTsyy6Gsew49nDtq1wTwdkPDceAslXtNPesm+TD2udHPKa1jzHfxUuv6/E="),
        // 8FBE4D070EF8AB1BCCAF2A9D5CCAE7282A2C66B3
        ["Microsoft Code Verification Root"] = Key(
            "vXfJHH8VeDjFB0MhWvvkzDvGVTH8IYmxvOcBnPuQviARVXanTQLnsvQuje+yh0ZWykfOyMNj4wgDS5YGuXAiROZLe0Q/dbe4piuRCEHvSwdZ1qQZnfbLpLuO"
            + "AmVNyt4PtJAi8bVrXCL2yvk4qigLBi08GY23NV+D7d1lc4RGkp9E4olKjNWYp2096BnLRK0YC+pcX3wLw5qTaETztr+XmTByPyhZ0HDIBVd49UqCNAokwXqw"
            + "ZKU6bhLVA2E4uw4t/YWc1kh1ahyyouiR+rfk9Txf/clArMegQvV02Lnb1/5zdxrgxLcJsQWabeNegDh1eFK2EtN5rkP3ZafRFmRphY94OriUv0USYlpNh0jW"
            + "+Bm8WQEG9RrbYCmfAT9uc/n9gEXOldeK9pIMwXNALG2qMqbxfzD4kPGuRSe5tA4wAr3GDuw8jFu2NIXPFAsMUA2p4lmRLqgBOfQsFWMEgLhA32L3/rdME6gs"
            + "qWYTOGL8QHBie3V31SuOG6WZ5bm3x63qAaAle1hGUlZUosmSK1gdSFHAH/43ANHiqxDCqVnpQpluj7UeR2Z0Hph2V1cEXr0vhZPVDgufLnsmZKeGEglQY+fR"
            + "x45+DjsH57vkzRpA1Hq6BVlK1tDu3JZeIkonHEXj3tqy6dND/elvwMl9H/2fkJyGIAjMdNxApymzq1hla7E="),
    };

    /// <summary>The certificate names one of the roots as its issuer and is signed with its key.</summary>
    public static bool Issued(Certificate certificate) => s_keys.TryGetValue(certificate.Issuer, out RsaPublicKey? key) && certificate.IsSignedBy(key);

    private static RsaPublicKey Key(string modulus) =>
        new(new BigInteger(Convert.FromBase64String(modulus), isUnsigned: true, isBigEndian: true), 65537);
}
