using System.Management.Automation;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.PowerShell.Binding;

/// <summary>Work of a cmdlet or a provider that ends at its next read once the pipeline is stopped.</summary>
internal static class StoppableWork
{
    /// <exception cref="PipelineStoppedException">It was stopped.</exception>
    public static T Run<T>(Func<T> work, CancellationToken stop)
    {
        try
        {
            return Interruption.StopsBy(work, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }
}
