using System.Management.Automation;

namespace Hyper2Kvm.Shell;

/// <summary>Get-ChildItem of pwsh: what a provider writes goes on at once, so that a large folder costs no memory.</summary>
[Cmdlet(VerbsCommon.Get, "ChildItem", DefaultParameterSetName = PathSet)]
public sealed class GetChildItemCommand : PSCmdlet, IDynamicParameters
{
    private const string PathSet = "Path";
    private const string LiteralSet = "LiteralPath";

    [Parameter(Position = 0, ParameterSetName = PathSet, ValueFromPipeline = true)]
    public string[] Path { get; set; } = ["."];

    [Parameter(Mandatory = true, ParameterSetName = LiteralSet, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    public string[] LiteralPath { get; set; } = [];

    [Parameter(Position = 1)]
    public string Filter { get; set; } = "";

    [Parameter]
    public string[] Include { get; set; } = [];

    [Parameter]
    public string[] Exclude { get; set; } = [];

    [Parameter]
    public SwitchParameter Name { get; set; }

    [Parameter]
    public SwitchParameter Recurse { get; set; }

    [Parameter]
    public uint Depth { get; set; } = uint.MaxValue;

    [Parameter]
    public SwitchParameter Force { get; set; }

    internal object? ProviderParameters { get; private set; }

    /// <summary>Those of the provider that the first path is of, -Directory and -File of the file system for example. That nothing is there is said
    /// later.</summary>
    public object? GetDynamicParameters()
    {
        string path = (ParameterSetName == LiteralSet ? LiteralPath : Path).FirstOrDefault() ?? ".";
        return ProviderParameters = EngineInternals.ChildItemParameters(this, path, Recurse);
    }

    protected override void ProcessRecord()
    {
        bool literal = ParameterSetName == LiteralSet;
        bool below = Recurse || MyInvocation.BoundParameters.ContainsKey(nameof(Depth));
        foreach (string path in literal ? LiteralPath : Path)
        {
            try
            {
                EngineInternals.StreamChildItems(this, path, below, literal);
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
