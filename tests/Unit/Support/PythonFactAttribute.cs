namespace Hyper2Kvm.Unit.Support;

/// <summary>A test that a module of Python judges; skipped by name where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PythonFactAttribute : FactAttribute
{
    public PythonFactAttribute(string module)
    {
        if (ForeignPython.Find(module) is null)
        {
            Skip = $"not installed: python3-{module}";
        }
    }
}
