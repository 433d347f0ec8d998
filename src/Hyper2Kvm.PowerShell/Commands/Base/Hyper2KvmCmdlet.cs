using System.Diagnostics;
using System.Management.Automation;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.PowerShell.Binding;

namespace Hyper2Kvm.PowerShell.Commands.Base;

/// <summary>What all our cmdlets share: one place for errors, Core's voice on PowerShell's streams, and Ctrl+C as a token.</summary>
public abstract class Hyper2KvmCmdlet : PSCmdlet, IReporter, IDisposable
{
    private static readonly TimeSpan s_progressInterval = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _stopping = new();
    private long _lastProgress;
    private ProgressRecord? _progress;

    /// <summary>Cancelled when the user stops the pipeline.</summary>
    protected CancellationToken StopToken => _stopping.Token;

    /// <summary>The disk that the current record is about, once it is known: errors name it.</summary>
    protected string? CurrentImage { get; set; }

    void IReporter.Verbose(string message) => WriteVerbose(message);

    void IReporter.Warning(string message) => WriteWarning(message);

    void IReporter.Progress(string activity, string status, int percent)
    {
        if (_progress is not null && Stopwatch.GetElapsedTime(_lastProgress) < s_progressInterval)
        {
            return;
        }

        _lastProgress = Stopwatch.GetTimestamp();
        _progress = new ProgressRecord(0, activity, string.IsNullOrEmpty(status) ? " " : PlainText.Escape(status)) { PercentComplete = Math.Clamp(percent, -1, 100) };
        WriteProgress(_progress);
    }

    /// <summary>As all that is told, it may hold names from a guest.</summary>
    public new void WriteVerbose(string text) => base.WriteVerbose(PlainText.Escape(text));

    public new void WriteWarning(string text) => base.WriteWarning(PlainText.Escape(text));

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Handles one pipeline record. What it throws of our errors and the host's I/O errors becomes a non-terminating error.</summary>
    protected abstract void Process();

    protected sealed override void ProcessRecord()
    {
        CurrentImage = null;
        Guard(null, Process);
    }

    protected sealed override void StopProcessing() => _stopping.Cancel();

    /// <summary>Does work of which a failure must not keep the next from being tried.</summary>
    /// <param name="target">What the user named, for the error record; null: what the error is about.</param>
    /// <param name="work">The work.</param>
    protected void Guard(object? target, Action work)
    {
        try
        {
            RunStoppable(work);
        }
        catch (Exception exception) when (ErrorRecords.Covers(exception))
        {
            WriteError(ErrorRecords.From(exception, target, target as string ?? CurrentImage));
        }
        finally
        {
            CompleteProgress();
        }
    }

    /// <summary>For what no record can be processed without, in BeginProcessing: the same errors, but they end the pipeline.</summary>
    protected void OrTerminate(Action work)
    {
        try
        {
            RunStoppable(work);
        }
        catch (Exception exception) when (ErrorRecords.Covers(exception))
        {
            ThrowTerminatingError(ErrorRecords.From(exception, null, null));
        }
    }

    /// <summary>ShouldProcess in its usual words; the overload that tells a rehearsal from a refusal has none of its own.</summary>
    /// <param name="target">The image.</param>
    /// <param name="action">What is done to it.</param>
    /// <param name="rehearses">The user said -WhatIf.</param>
    /// <returns>True to go ahead for real.</returns>
    protected bool AsksToProcess(string target, string action, out bool rehearses)
    {
        string description = $"Performing the operation \"{action}\" on target \"{target}\".";
        bool goesAhead = ShouldProcess(description, $"{description} Go on?", "Confirm", out ShouldProcessReason reason);
        rehearses = reason == ShouldProcessReason.WhatIf;
        return goesAhead;
    }

    /// <summary>Full path on the host of what a user named: PowerShell drives and relative paths become what .NET understands.</summary>
    /// <exception cref="GuestItemNotFoundException"><c>DriveNotFound</c>.</exception>
    /// <exception cref="UnsupportedFeatureException"><c>PathNotInFileSystem</c>.</exception>
    protected string HostPath(string path) => new ImagePathResolver(SessionState.Path).HostPath(path)
        ?? throw new GuestItemNotFoundException("DriveNotFound", path, $"{path}: there is no such drive.");

    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stopping.Dispose();
        }
    }

    private void RunStoppable(Action work) => StoppableWork.Run(
        () =>
        {
            work();
            return true;
        },
        StopToken);

    private void CompleteProgress()
    {
        if (_progress is null)
        {
            return;
        }

        _progress.RecordType = ProgressRecordType.Completed;
        ProgressRecord last = _progress;
        _progress = null;
        if (!StopToken.IsCancellationRequested)
        {
            WriteProgress(last);
        }
    }
}
