using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Tests.Diagnostics;

public class ByteProgressTests
{
    [Fact]
    public void It_says_sizes_as_everything_else_does()
    {
        Recorder recorder = new();
        ByteProgress progress = new(recorder, "Copying");
        progress.Report(0, 3L << 29);
        progress.Report(512L << 20, 3L << 29);
        Assert.StartsWith("0 bytes of 1.5 GiB, 0 bytes/s", recorder.Lines[0], StringComparison.Ordinal);
        Assert.Matches("^512 MiB of 1[.]5 GiB, [0-9.]+ [a-zA-Z]+/s, [0-9:.]+ left$", recorder.Lines[1]);
        Assert.Equal([0, 33], recorder.Percents);
    }

    private sealed class Recorder : IReporter
    {
        public List<string> Lines { get; } = [];

        public List<int> Percents { get; } = [];

        public void Verbose(string message)
        {
        }

        public void Warning(string message)
        {
        }

        public void Progress(string activity, string status, int percent)
        {
            Lines.Add(status);
            Percents.Add(percent);
        }
    }
}
