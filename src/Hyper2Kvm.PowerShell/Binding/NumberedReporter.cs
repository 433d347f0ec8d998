using System.Management.Automation;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.PowerShell.Binding;

/// <summary>Shows the progress of one of several pieces of work, each with a bar of its own beneath that of the whole.</summary>
/// <param name="cmdlet">Is spoken to, on its own thread.</param>
/// <param name="number">Of the piece, from 1.</param>
internal sealed class NumberedReporter(Cmdlet cmdlet, int number) : IReporter
{
    public void Verbose(string message) => cmdlet.WriteVerbose(PlainText.Escape(message));

    public void Warning(string message) => cmdlet.WriteWarning(PlainText.Escape(message));

    public void Progress(string activity, string status, int percent) => cmdlet.WriteProgress(
        new ProgressRecord(number, PlainText.Escape(activity), string.IsNullOrEmpty(status) ? " " : PlainText.Escape(status))
        {
            ParentActivityId = 0,
            PercentComplete = Math.Clamp(percent, 0, 100),
        });
}
