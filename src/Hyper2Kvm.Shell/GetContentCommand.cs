using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Provider;

namespace Hyper2Kvm.Shell;

/// <summary>Get-Content of pwsh, without its filters and -Wait. -Raw, -Encoding, -AsByteStream and -Delimiter are the provider's own.</summary>
[Cmdlet(VerbsCommon.Get, "Content", DefaultParameterSetName = PathSet)]
public sealed class GetContentCommand : PSCmdlet, IDynamicParameters
{
    private const string PathSet = "Path";
    private const string LiteralSet = "LiteralPath";

    /// <summary>What is asked of a provider at once.</summary>
    private const int Batch = 1024;

    private object? _ofProvider;

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet, ValueFromPipelineByPropertyName = true)]
    public string[] Path { get; set; } = [];

    [Parameter(Mandatory = true, ParameterSetName = LiteralSet, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    public string[] LiteralPath { get; set; } = [];

    [Parameter]
    [Alias("First", "Head")]
    [ValidateRange(0, long.MaxValue)]
    public long TotalCount { get; set; } = long.MaxValue;

    [Parameter]
    [Alias("Last")]
    [ValidateRange(0, int.MaxValue)]
    public int Tail { get; set; } = -1;

    private bool IsLiteral => ParameterSetName == LiteralSet;

    public object? GetDynamicParameters()
    {
        string[] paths = LiteralPath.Length > 0 ? LiteralPath : Path;
        return _ofProvider = EngineInternals.ContentParameters(this, paths.Length > 0 ? paths[0] : ".");
    }

    protected override void BeginProcessing()
    {
        if (Tail >= 0 && MyInvocation.BoundParameters.ContainsKey(nameof(TotalCount)))
        {
            ThrowTerminatingError(new ErrorRecord(
                new ArgumentException("-TotalCount and -Tail cannot be used together."), "TailAndHeadCannotCoexist", ErrorCategory.InvalidOperation, null));
        }
    }

    protected override void ProcessRecord()
    {
        foreach (string path in IsLiteral ? LiteralPath : Path)
        {
            try
            {
                foreach (IContentReader reader in EngineInternals.ContentReaders(this, path, IsLiteral, _ofProvider))
                {
                    using (reader)
                    {
                        Write(reader, path);
                    }
                }
            }
            catch (Exception exception) when (exception is SessionStateException or PSNotSupportedException or ProviderInvocationException)
            {
                WriteError(new ErrorRecord(((IContainsErrorRecord)exception).ErrorRecord, exception));
            }
        }
    }

    private void Write(IContentReader reader, string path)
    {
        Queue<object?> last = [];
        long left = TotalCount;
        while (left > 0 && !Stopping && Read(reader, Math.Min(left, Batch), path) is { Count: > 0 } items)
        {
            left -= items.Count;
            foreach (object? item in items)
            {
                if (Tail < 0)
                {
                    WriteObject(item);
                    continue;
                }

                last.Enqueue(item);
                if (last.Count > Tail)
                {
                    last.Dequeue();
                }
            }
        }

        WriteObject(last, enumerateCollection: true);
    }

    /// <summary>A reader is the provider's code, and may throw anything: as in pwsh, that ends this file and not the command.</summary>
    private IList Read(IContentReader reader, long count, string path)
    {
        try
        {
            return reader.Read(count);
        }
        catch (Exception exception) when (exception is not PipelineStoppedException)
        {
            WriteError(new ErrorRecord(exception, "ProviderContentReadError", ErrorCategory.ReadError, path));
            return Array.Empty<object>();
        }
    }
}
