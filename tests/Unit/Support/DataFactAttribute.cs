namespace Hyper2Kvm.Unit.Support;

/// <summary>A test on real data; skipped by name where the data is not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class DataFactAttribute : FactAttribute
{
    public DataFactAttribute(params string[] files)
    {
        string[] missing = [.. files.Where(file => !SharedData.Has(file))];
        if (missing.Length > 0)
        {
            Skip = $"test data not here: {string.Join(", ", missing)}";
        }
    }
}
