using System.Diagnostics;
using System.Globalization;

namespace Hyper2Kvm.Diagnostics;

/// <summary>Says how far a long work is: percent, rate and time left.</summary>
public sealed class ByteProgress(IReporter reporter, string activity)
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private long _first = -1;

    /// <param name="done">Bytes done.</param>
    /// <param name="total">Of how many.</param>
    public void Report(long done, long total)
    {
        if (_first < 0)
        {
            _first = done;
        }

        double seconds = Stopwatch.GetElapsedTime(_start).TotalSeconds;
        double rate = seconds > 0 ? (done - _first) / seconds : 0;
        string left = rate > 0 ? $", {TimeSpan.FromSeconds(Math.Min((total - done) / rate, 8e6)):d\\.hh\\:mm\\:ss} left" : "";
        reporter.Progress(
            activity,
            string.Create(CultureInfo.InvariantCulture, $"{ByteSize.Text(done)} of {ByteSize.Text(total)}, {ByteSize.Text((long)rate)}/s{left.Replace(" 0.", " ", StringComparison.Ordinal)}"),
            total > 0 ? (int)(done * 100.0 / total) : 100);
    }
}
