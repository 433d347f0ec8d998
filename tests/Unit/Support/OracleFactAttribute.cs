namespace Hyper2Kvm.Unit.Support;

/// <summary>A test that a foreign tool judges; skipped by name where the tool is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class OracleFactAttribute : FactAttribute
{
    public OracleFactAttribute(params string[] tools)
    {
        string[] missing = [.. tools.Where(tool => ForeignTool.Find(tool) is null)];
        if (missing.Length > 0)
        {
            Skip = $"not installed: {string.Join(", ", missing)}";
        }
    }
}
