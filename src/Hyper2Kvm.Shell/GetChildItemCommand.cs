using System.Management.Automation;

namespace Hyper2Kvm.Shell;

/// <summary>Get-ChildItem of pwsh, without its filters: what a provider writes goes on at once, so that a large folder costs no memory.</summary>
[Cmdlet(VerbsCommon.Get, "ChildItem", DefaultParameterSetName = PathSet)]
public sealed class GetChildItemCommand : PSCmdlet
{
    private const string PathSet = "Path";
    private const string LiteralSet = "LiteralPath";

    [Parameter(Position = 0, ParameterSetName = PathSet, ValueFromPipeline = true)]
    public string[] Path { get; set; } = ["."];

    [Parameter(Mandatory = true, ParameterSetName = LiteralSet, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    public string[] LiteralPath { get; set; } = [];

    [Parameter]
    public SwitchParameter Recurse { get; set; }

    [Parameter]
    public uint Depth { get; set; } = uint.MaxValue;

    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void ProcessRecord()
    {
        bool literal = ParameterSetName == LiteralSet;
        bool below = Recurse || MyInvocation.BoundParameters.ContainsKey(nameof(Depth));
        foreach (string path in literal ? LiteralPath : Path)
        {
            try
            {
                EngineInternals.StreamChildItems(this, path, below, Depth, Force, literal);
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
