using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Registry;

/// <summary>A test that hivex judges, on real data where files are named; skipped by name where either is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class HivexFactAttribute : FactAttribute
{
    public HivexFactAttribute(params string[] files)
    {
        string[] missing = [.. files.Where(file => !SharedData.Has(file)), .. Hivex.IsThere ? (string[])[] : ["python3-hivex"]];
        if (missing.Length > 0)
        {
            Skip = $"not here: {string.Join(", ", missing)}";
        }
    }
}
