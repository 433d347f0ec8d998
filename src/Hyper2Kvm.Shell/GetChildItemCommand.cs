using System.Management.Automation;

namespace Hyper2Kvm.Shell;

/// <summary>Get-ChildItem of pwsh, without -Include, -Exclude and -Name: what a provider writes goes on at once, so that a large folder costs no memory.</summary>
[Cmdlet(VerbsCommon.Get, "ChildItem", DefaultParameterSetName = PathSet)]
public sealed class GetChildItemCommand : PSCmdlet, IDynamicParameters
{
    private const string PathSet = "Path";
    private const string LiteralSet = "LiteralPath";

    private object? _ofProvider;

    [Parameter(Position = 0, ParameterSetName = PathSet, ValueFromPipeline = true)]
    public string[] Path { get; set; } = ["."];

    [Parameter(Mandatory = true, ParameterSetName = LiteralSet, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    public string[] LiteralPath { get; set; } = [];

    [Parameter(Position = 1)]
    public string? Filter { get; set; }

    [Parameter]
    public SwitchParameter Recurse { get; set; }

    [Parameter]
    public uint Depth { get; set; } = uint.MaxValue;

    [Parameter]
    public SwitchParameter Force { get; set; }

    public object? GetDynamicParameters()
    {
        string[] paths = LiteralPath.Length > 0 ? LiteralPath : Path;
        return _ofProvider = EngineInternals.ChildItemParameters(this, paths.Length > 0 ? paths[0] : ".", Recurse);
    }

    protected override void ProcessRecord()
    {
        bool literal = ParameterSetName == LiteralSet;
        bool below = Recurse || MyInvocation.BoundParameters.ContainsKey(nameof(Depth));
        foreach (string path in literal ? LiteralPath : Path)
        {
            try
            {
                EngineInternals.StreamChildItems(this, path, below, literal, _ofProvider);
            }
            catch (SessionStateException exception)
            {
                WriteError(new ErrorRecord(exception.ErrorRecord, exception));
            }
            catch (PSNotSupportedException exception)
            {
                WriteError(new ErrorRecord(exception.ErrorRecord, exception));
            }
        }
    }
}
