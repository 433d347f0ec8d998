using Hyper2Kvm.Unit.Registry;

namespace Hyper2Kvm.Unit.Support;

/// <summary>A test over many cases that hivex judges; skipped by name without it or the real data that it names.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class HivexTheoryAttribute : TheoryAttribute
{
    public HivexTheoryAttribute(params string[] files)
    {
        string[] missing = [.. files.Where(file => !SharedData.Has(file)), .. Hivex.IsThere ? (string[])[] : ["python3-hivex"]];
        Skip = missing.Length > 0 ? $"not here: {string.Join(", ", missing)}" : null;
    }
}
