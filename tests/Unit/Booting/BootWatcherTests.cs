using System.Diagnostics;
using System.Text.Json.Nodes;
using Hyper2Kvm.Booting;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Booting;

public sealed class BootWatcherTests
{
    [Theory]
    [InlineData("{\"event\": \"SHUTDOWN\", \"data\": {\"guest\": true, \"reason\": \"guest-shutdown\"}}", "The guest ended the machine (guest-shutdown).")]
    [InlineData("", "The machine ended. last words")]
    public void A_machine_that_goes_while_it_is_asked_has_powered_off(string lastLine, string cause)
    {
        using TempFolder folder = new();
        using GoingMachine machine = new(lastLine);
        KvmBootRequest request = new() { Xml = "", OutputDirectory = folder.Path, Timeout = TimeSpan.FromMinutes(10) };
        using BootWatcher watcher = new(machine, request, new ScreenRecorder(folder.Path, "web"), Stopwatch.StartNew());

        BootDiagnosis end = watcher.Watch(SilentReporter.Instance, CancellationToken.None);
        watcher.TakeLastPicture(CancellationToken.None);

        Assert.Equal((KvmBootOutcome.PoweredOff, cause), (end.Outcome, end.Cause));
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    /// <summary>Says nothing until it is asked, then one line, and is gone.</summary>
    private sealed class GoingMachine : TrialMachine
    {
        private readonly ManualResetEventSlim _asked = new();

        public GoingMachine(string lastLine)
            : base(usesKvm: false) => Qmp = new QmpClient(new Answers(_asked, lastLine), new Commands(_asked));

        public override string AgentPort => "agent";

        public override string Through => "nobody";

        public override bool HasEnded => false;

        public override string Errors => "last words";

        public override bool IsSystemDisk(JsonNode? statistics) => false;

        protected override void Run(KvmBootRequest request, CancellationToken token)
        {
        }

        protected override void End() => Qmp.Dispose();
    }

    private sealed class Answers(ManualResetEventSlim asked, string lastLine) : TextReader
    {
        private readonly Queue<string> _lines = new([lastLine]);

        public override string? ReadLine()
        {
            asked.Wait();
            return _lines.TryDequeue(out string? line) ? line : null;
        }
    }

    private sealed class Commands(ManualResetEventSlim asked) : StringWriter
    {
        public override void WriteLine(string? value) => asked.Set();
    }
}
