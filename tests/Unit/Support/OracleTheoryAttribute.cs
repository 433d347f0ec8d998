namespace Hyper2Kvm.Unit.Support;

/// <summary>A theory that a foreign tool judges; skipped by name where the tool is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class OracleTheoryAttribute : TheoryAttribute
{
    public OracleTheoryAttribute(params string[] tools) => Skip = new OracleFactAttribute(tools).Skip;
}
