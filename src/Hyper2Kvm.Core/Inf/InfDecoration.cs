namespace Hyper2Kvm.Inf;

/// <summary>A TargetOSVersion decoration of a models section.</summary>
/// <remarks>
/// learn.microsoft.com/windows-hardware/drivers/install/inf-manufacturer-section:
/// <c>nt[Architecture][.[OSMajorVersion][.[OSMinorVersion][.[ProductType][.[SuiteMask][.[BuildNumber]]]]]]</c>.
/// Windows takes the highest version that is not higher than its own, among those the highest build, then the closest product type and
/// suite. A build counts only when the version is exactly Windows' own, and nothing before build 14310 understands it. Without an
/// architecture a decoration means x86 (since Server 2003 SP1).
/// </remarks>
/// <param name="Text">As written.</param>
/// <param name="Architecture">Lower case; empty for none.</param>
/// <param name="Version">Major in the high word, minor in the low; 0 for none.</param>
/// <param name="ProductType">0 for any.</param>
/// <param name="SuiteMask">0 for any.</param>
/// <param name="Build">0 for any.</param>
internal sealed record InfDecoration(string Text, string Architecture, int Version, int ProductType, int SuiteMask, int Build)
{
    private const int FirstBuildThatReadsBuilds = 14310;

    private static readonly string[] s_architectures = ["", "x86", "amd64", "ia64", "arm", "arm64"];

    /// <summary>The decoration, or null when it is not one: Windows passes over what it does not understand.</summary>
    public static InfDecoration? TryParse(string text)
    {
        string[] parts = text.Split('.');
        if (parts.Length > 6 || !parts[0].StartsWith("nt", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        string architecture = parts[0][2..].ToLowerInvariant();
        int[] numbers = new int[5];
        for (int i = 1; i < parts.Length; i++)
        {
            if (parts[i].Length > 0 && (!InfNumber.TryParse(parts[i], out numbers[i - 1]) || numbers[i - 1] is < 0 or > 0xFFFFF))
            {
                return null;
            }
        }

        bool known = Array.IndexOf(s_architectures, architecture) >= 0 && numbers[0] < 0x7FFF && numbers[1] <= 0xFFFF;
        return known
            ? new InfDecoration(text, architecture, (numbers[0] << 16) | numbers[1], numbers[2], numbers[3], numbers[4])
            : null;
    }

    /// <summary>The best of <paramref name="decorations"/> for that Windows, or null when none fits.</summary>
    public static InfDecoration? Choose(IEnumerable<string> decorations, InfTarget target)
    {
        InfDecoration? best = null;
        foreach (string text in decorations)
        {
            if (TryParse(text) is { } candidate && candidate.Fits(target) && (best is null || candidate.IsBetterThan(best)))
            {
                best = candidate;
            }
        }

        return best;
    }

    private bool Fits(InfTarget target)
    {
        int version = (target.Major << 16) | target.Minor;
        string architecture = Architecture.Length == 0 ? "x86" : Architecture;
        return architecture == target.Architecture
            && Version <= version
            && (ProductType == 0 || ProductType == target.ProductType)
            && (SuiteMask & target.SuiteMask) == SuiteMask
            && (Build == 0 || (target.Build >= FirstBuildThatReadsBuilds && (Version < version || Build <= target.Build)));
    }

    private bool IsBetterThan(InfDecoration other)
    {
        int[] mine = [Version, Build, ProductType == 0 ? 0 : 1, int.PopCount(SuiteMask), Architecture.Length == 0 ? 0 : 1];
        int[] theirs =
            [other.Version, other.Build, other.ProductType == 0 ? 0 : 1, int.PopCount(other.SuiteMask), other.Architecture.Length == 0 ? 0 : 1];
        return mine.AsSpan().SequenceCompareTo(theirs) > 0;
    }

    public override string ToString() => Text;
}
