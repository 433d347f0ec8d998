using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Registry;

/// <summary>A theory over the real hives; skipped by name where they are not.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class HiveDataTheoryAttribute : TheoryAttribute
{
    private const string Sample = "hive-edge/hivex-minimal";

    public HiveDataTheoryAttribute(bool withHivex = false)
    {
        if (!SharedData.Has(Sample) || (withHivex && !Hivex.IsThere))
        {
            Skip = SharedData.Has(Sample) ? "not installed: python3-hivex" : $"test data not here: {Sample} and others";
        }
    }
}
