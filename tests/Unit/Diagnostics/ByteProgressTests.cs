using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Tests.Diagnostics;

public class ByteProgressTests
{
    [Fact]
    public void It_says_sizes_as_everything_else_does()
    {
        ProgressRecorder recorder = new();
        ByteProgress progress = new(recorder, "Copying");
        progress.Report(0, 3L << 29);
        progress.Report(512L << 20, 3L << 29);
        Assert.StartsWith("0 bytes of 1.5 GiB, 0 bytes/s", recorder.Statuses[0], StringComparison.Ordinal);
        Assert.Matches("^512 MiB of 1[.]5 GiB, [0-9.]+ [a-zA-Z]+/s, [0-9:.]+ left$", recorder.Statuses[1]);
        Assert.Equal([0, 33], recorder.Percents);
    }
}
