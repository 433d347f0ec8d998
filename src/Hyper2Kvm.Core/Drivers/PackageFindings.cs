namespace Hyper2Kvm.Drivers;

/// <summary>What is wrong with a package, gathered so that one error tells all.</summary>
internal sealed class PackageFindings
{
    /// <summary>Expected, found: any of them refuses the package.</summary>
    public List<string> Contradictions { get; } = [];

    public List<string> Warnings { get; } = [];

    public void Expect(bool met, string expected, string found)
    {
        if (!met)
        {
            Contradictions.Add($"expected {expected}, found {found}");
        }
    }
}
