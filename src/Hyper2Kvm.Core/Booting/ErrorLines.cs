using System.Diagnostics;
using System.Text;

namespace Hyper2Kvm.Booting;

/// <summary>Gathers what a program writes to its error stream, from its start on.</summary>
internal sealed class ErrorLines
{
    private readonly StringBuilder _lines = new();
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ErrorLines(Process program)
    {
        program.ErrorDataReceived += (_, line) => Take(line.Data);
        program.BeginErrorReadLine();
    }

    /// <summary>What has come so far.</summary>
    public string SoFar
    {
        get
        {
            lock (_lines)
            {
                return _lines.ToString().Trim();
            }
        }
    }

    /// <summary>Waits for the stream's end: a program is often gone before its last words have been read.</summary>
    /// <param name="limit">Whoever inherited the stream may hold it open for ever.</param>
    public string ToTheEnd(TimeSpan limit)
    {
        _end.Task.Wait(limit);
        return SoFar;
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            _end.TrySetResult();
            return;
        }

        lock (_lines)
        {
            _lines.AppendLine(line);
        }
    }
}
