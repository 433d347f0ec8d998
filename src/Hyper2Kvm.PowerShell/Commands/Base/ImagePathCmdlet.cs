using System.Management.Automation;
using Hyper2Kvm.PowerShell.Binding;

namespace Hyper2Kvm.PowerShell.Commands.Base;

/// <summary>A cmdlet that takes disk images by path: the Path, LiteralPath, PSPath trio of PowerShell's own cmdlets.</summary>
public abstract class ImagePathCmdlet : Hyper2KvmCmdlet
{
    /// <summary>Name of the parameter set of <see cref="Path"/>.</summary>
    protected const string PathSet = "Path";

    /// <summary>Name of the parameter set of <see cref="LiteralPath"/>.</summary>
    protected const string LiteralPathSet = "LiteralPath";

    /// <summary>Image files; wildcards are allowed, and a file that is really called so comes first.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ForeignPathTransformation]
    public string[] Path { get; set; } = [];

    /// <summary>Image files exactly as named.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [Alias("PSPath", "LP")]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>Handles one image.</summary>
    /// <param name="imagePath">Full path on the host's file system.</param>
    protected abstract void ProcessImage(string imagePath);

    /// <summary>Handles a record that has no path, in a parameter set of the cmdlet's own.</summary>
    /// <returns>False when there was none.</returns>
    protected virtual bool ProcessOther() => false;

    protected sealed override void Process()
    {
        if (ProcessOther())
        {
            return;
        }

        ImagePathResolver resolver = new(SessionState.Path);
        bool literal = ParameterSetName == LiteralPathSet;
        foreach (string path in literal ? LiteralPath : Path)
        {
            Guard(path, () =>
            {
                foreach (string imagePath in literal ? [resolver.ResolveLiteral(path)] : resolver.Resolve(path))
                {
                    Guard(imagePath, () => ProcessImage(imagePath));
                }
            });
        }
    }
}
