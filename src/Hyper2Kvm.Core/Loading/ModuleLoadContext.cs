using System.Reflection;
using System.Runtime.Loader;

namespace Hyper2Kvm.Loading;

/// <summary>Keeps the cmdlets and their packages to themselves, so that another module's YamlDotNet is never ours, nor ours theirs.</summary>
/// <remarks>
/// Core is loaded in the default context, so that scripts reach the nouns by name, <c>[Hyper2Kvm.WindowsLayout]</c>; this context gives
/// the cmdlets that very Core, and takes everything else that lies beside them. What is not there comes from PowerShell itself.
/// </remarks>
public sealed class ModuleLoadContext : AssemblyLoadContext
{
    private const string ModuleAssemblyName = "Hyper2Kvm.PowerShell";

    private static readonly Lazy<Assembly> s_module = new(() => new ModuleLoadContext().LoadModule());

    private readonly Assembly _core = typeof(ModuleLoadContext).Assembly;
    private readonly string _folder;

    private ModuleLoadContext()
        : base("Hyper2Kvm")
    {
        _folder = Path.GetDirectoryName(_core.Location)!;
    }

    /// <summary>The assembly with the cmdlets; the same one each time, for an assembly cannot be unloaded.</summary>
    public static Assembly Module => s_module.Value;

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (assemblyName.Name == _core.GetName().Name)
        {
            return _core;
        }

        string beside = PathOf(assemblyName.Name!);
        return File.Exists(beside) ? LoadFromAssemblyPath(beside) : null;
    }

    private Assembly LoadModule() => LoadFromAssemblyPath(PathOf(ModuleAssemblyName));

    private string PathOf(string assemblyName) => Path.Combine(_folder, assemblyName + ".dll");
}
