using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Booting;

/// <summary>Watches one boot: QEMU's events and counters, the text screen, the picture, the serial port, the guest agent.</summary>
internal sealed class BootWatcher(TrialMachine machine, KvmBootRequest request, ScreenRecorder screens, Stopwatch clock) : IDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(500);

    /// <summary>For the end of a connection that QEMU has begun to close.</summary>
    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(5);

    /// <summary>bootmgr and bootmgfw.efi have 1 to 2 MiB; winload, the kernel and the SYSTEM hive are far more.</summary>
    private const long MoreThanABootManager = 4 * 1024 * 1024;

    /// <summary>The loader itself writes a sector or two (bootstat.dat).</summary>
    private const long MoreThanALoaderWrites = 256 * 1024;

    private static readonly BootDiagnosis s_reached = new(KvmBootOutcome.Reached, null, null, null, null);

    private const int ResetsOfALoop = 4;
    private const int MaxSerial = 16 * 1024 * 1024;
    private const int SerialTail = 16 * 1024;

    private readonly List<KvmBootMilestone> _milestones = [];
    private readonly GuestAgent _agent = new(machine.AgentSocket);
    private TimeSpan _nextScreen;
    private bool _agentPortIsOpen;
    private int _resets;
    private int _blueScreens;
    private int _recoveryScreens;
    private BootDiagnosis? _diagnosis;

    public IReadOnlyList<KvmBootMilestone> Milestones => _milestones;

    public KvmBootStage Stage => _milestones.Count == 0 ? KvmBootStage.None : _milestones[^1].Stage;

    /// <summary>Looks until the boot has come to an end, good or bad, or the time is over.</summary>
    public BootDiagnosis Watch(IReporter reporter, CancellationToken token)
    {
        Reach(KvmBootStage.Firmware, "QEMU runs the machine");
        while (clock.Elapsed < request.Timeout)
        {
            if (Look(token) is { } end)
            {
                return end;
            }

            int percent = (int)(clock.Elapsed * 100 / request.Timeout);
            reporter.Progress($"Booting {request.Domain?.Name ?? "the domain"}", string.Create(CultureInfo.InvariantCulture, $"{Stage}, {clock.Elapsed.TotalSeconds:0} s"), percent);
            token.WaitHandle.WaitOne(s_interval);
            token.ThrowIfCancellationRequested();
        }

        return new BootDiagnosis(
            KvmBootOutcome.TimedOut, null, null,
            $"After {request.Timeout.TotalSeconds:0} s the boot had come to {Stage} and shows no error.", "Look at the screenshots; without KVM give it more time: -TimeoutSeconds (Invoke-KvmMigration: -BootTimeoutSeconds).");
    }

    public void Dispose() => _agent.Dispose();

    /// <summary>What the screen shows at the end, where the machine is still there.</summary>
    public void TakeLastPicture(CancellationToken token)
    {
        try
        {
            if (!machine.HasEnded)
            {
                screens.Take(machine, clock.Elapsed, token);
            }
        }
        catch (IOException) when (machine.Qmp.EndsWithin(s_lastWords))
        {
            // It went while it was asked: there is no later picture.
        }
    }

    private BootDiagnosis? Look(CancellationToken token)
    {
        TakeEvents();
        if (_diagnosis is not null)
        {
            return _diagnosis;
        }

        if (machine.HasEnded)
        {
            return Ended();
        }

        try
        {
            LookAtDisk(token);
            return LookAtText(token) ?? LookAtScreen(token) ?? LookAtAgent();
        }
        catch (IOException) when (machine.Qmp.EndsWithin(s_lastWords))
        {
            // It went while it was asked: its last events say why.
            TakeEvents();
            return _diagnosis ?? Ended();
        }
    }

    private BootDiagnosis Ended() => new(
        KvmBootOutcome.PoweredOff, null, null, $"The machine ended. {machine.Errors}".Trim(), "Look at the screenshots and the serial log.");

    private void TakeEvents()
    {
        while (machine.Qmp.TryTakeEvent(out string name, out JsonObject? data))
        {
            switch (name)
            {
                case "GUEST_PANICKED":
                    // Hyper-V's crash registers: the first holds the stop code.
                    _diagnosis = (data?["info"] as JsonObject)?["arg1"] is JsonValue code && code.TryGetValue(out ulong stop)
                        ? BootSymptoms.Stop((uint)stop)
                        : new BootDiagnosis(KvmBootOutcome.StopError, null, null, "The guest reported that it crashed.", "Look at the screenshots.");
                    break;
                case "SHUTDOWN" when Text(data, "reason").StartsWith("guest", StringComparison.Ordinal):
                    _diagnosis ??= new BootDiagnosis(
                        KvmBootOutcome.PoweredOff, null, null, $"The guest ended the machine ({Text(data, "reason")}).", "Look at the screenshots and the serial log.");
                    break;
                case "RESET" when Flag(data, "guest") && ++_resets >= ResetsOfALoop:
                    _diagnosis ??= new BootDiagnosis(
                        KvmBootOutcome.PoweredOff, null, null, $"The guest has reset the machine {_resets} times.", "Turn AutoReboot off to see why: Set-WindowsBootPolicy.");
                    break;
                case "VSERPORT_CHANGE" when Text(data, "id") == machine.AgentPort:
                    _agentPortIsOpen = Flag(data, "open");
                    break;
                default:
                    break;
            }
        }
    }

    private static string Text(JsonObject? data, string name) => (data?[name] as JsonValue)?.TryGetValue(out string? text) == true ? text! : "";

    private static bool Flag(JsonObject? data, string name) => (data?[name] as JsonValue)?.TryGetValue(out bool flag) == true && flag;

    /// <summary>How much the guest has read and written tells firmware, loader and kernel apart without knowing any of them.</summary>
    private void LookAtDisk(CancellationToken token)
    {
        if (machine.Qmp.Execute("query-blockstats", null, token) is not JsonArray devices)
        {
            return;
        }

        JsonNode? stats = devices.FirstOrDefault(machine.IsSystemDisk)?["stats"];
        long read = stats?["rd_bytes"]?.GetValue<long>() ?? 0;
        long written = stats?["wr_bytes"]?.GetValue<long>() ?? 0;
        if (read > 0)
        {
            Reach(KvmBootStage.BootManager, string.Create(CultureInfo.InvariantCulture, $"the system disk was read ({read >> 10} KiB)"));
        }

        if (read > MoreThanABootManager)
        {
            Reach(KvmBootStage.Loader, string.Create(CultureInfo.InvariantCulture, $"{read >> 20} MiB were read"));
        }

        if (written > MoreThanALoaderWrites && Stage >= KvmBootStage.Loader)
        {
            Reach(KvmBootStage.Kernel, string.Create(CultureInfo.InvariantCulture, $"{written >> 10} KiB were written"));
        }
    }

    private BootDiagnosis? LookAtText(CancellationToken token)
    {
        string serial = ReadSerial();
        if (request.SerialPattern is { } pattern
            && Regex.Match(serial, pattern, RegexOptions.Multiline, TimeSpan.FromSeconds(1)) is { Success: true } found)
        {
            return new BootDiagnosis(KvmBootOutcome.Reached, null, null, $"The serial port said '{found.Value.Trim()}'.", null);
        }

        return BootSymptoms.Find(serial.Length > SerialTail ? serial[^SerialTail..] : serial) ?? BootSymptoms.Find(ReadTextScreen(token));
    }

    private string ReadTextScreen(CancellationToken token)
    {
        string file = machine.TemporaryFile("screen.txt");
        machine.Qmp.Execute("pmemsave", new JsonObject { ["val"] = VgaText.Address, ["size"] = VgaText.Length, ["filename"] = file }, token);
        byte[] memory = File.Exists(file) ? File.ReadAllBytes(file) : [];
        return memory.Length == VgaText.Length ? VgaText.Read(memory) : "";
    }

    private BootDiagnosis? LookAtScreen(CancellationToken token)
    {
        if (clock.Elapsed < _nextScreen)
        {
            return null;
        }

        _nextScreen = clock.Elapsed + request.ScreenInterval;
        if (screens.Take(machine, clock.Elapsed, token) is not { } kind)
        {
            return null;
        }

        _blueScreens = kind == ScreenKind.BlueScreen ? _blueScreens + 1 : 0;
        _recoveryScreens = kind == ScreenKind.Recovery ? _recoveryScreens + 1 : 0;
        if (_blueScreens >= 2)
        {
            return new BootDiagnosis(
                KvmBootOutcome.StopError, null, null, "Windows stopped with a blue screen; its code is on the last screenshot.",
                "Look the code up in docs/Troubleshooting.md. A domain with <panic model='hyperv'/> on KVM tells it by itself.");
        }

        if (_recoveryScreens >= 2)
        {
            return new BootDiagnosis(
                KvmBootOutcome.Recovery, null, null, "Windows started its recovery environment.", "Look at what failed first; Test-Bcd shows what the boot store says.");
        }

        if (kind == ScreenKind.Picture && screens.IsStill && Stage >= KvmBootStage.Kernel)
        {
            Reach(KvmBootStage.Logon, "a picture that stands still");
        }

        return Stage >= request.Until ? s_reached : null;
    }

    private BootDiagnosis? LookAtAgent()
    {
        if (_agentPortIsOpen && Stage < KvmBootStage.Agent && _agent.Answers())
        {
            Reach(KvmBootStage.Agent, "the guest agent answered");
        }

        return Stage >= request.Until ? s_reached : null;
    }

    private string ReadSerial()
    {
        if (!File.Exists(machine.SerialLog))
        {
            return "";
        }

        using FileStream log = new(machine.SerialLog, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] bytes = new byte[Math.Min(log.Length, MaxSerial)];
        int count = log.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return SerialText.Plain(Encoding.Latin1.GetString(bytes, 0, count));
    }

    private void Reach(KvmBootStage stage, string evidence)
    {
        if (stage > Stage)
        {
            _milestones.Add(new KvmBootMilestone(stage, clock.Elapsed, evidence));
        }
    }
}
