using System.Diagnostics;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Domains;
using Hyper2Kvm.Editing.Commit;

namespace Hyper2Kvm.Booting;

/// <summary>Boots a domain on trial and says how far it came. The domain's disks are only read; no domain of libvirt is touched.</summary>
public static class KvmBootTester
{
    private const string KvmDevice = "/dev/kvm";

    /// <summary>Returns when the stage was reached, the boot failed, or the time is over; nothing of the machine stays behind.</summary>
    /// <param name="request">What to boot.</param>
    /// <param name="reporter">Hears progress.</param>
    /// <param name="token">Ends the machine.</param>
    /// <exception cref="GuestStateException"><c>SerialPatternInvalid</c>, <c>TrialMachineFailed</c>, <c>LibvirtNotReached</c>, <c>DomainNeedsFirmware</c>,
    /// <c>DomainNeedsTpm</c>.</exception>
    /// <exception cref="GuestItemNotFoundException"><c>ProgramNotFound</c>, <c>BootDiskMissing</c>.</exception>
    public static KvmBootResult Run(KvmBootRequest request, IReporter reporter, CancellationToken token)
    {
        CheckPattern(request.SerialPattern);
        XElement domain = DomainXmlReader.Read(request.Xml);
        string name = DomainXmlReader.Text(domain, "name");
        string files = request.Domain is { } known ? $"{name}-{known.Phase.ToString().ToLowerInvariant()}" : name;
        AtomicFile.CreateFolder(request.OutputDirectory);
        string serial = Path.Combine(request.OutputDirectory, $"{files}-serial.log");
        reporter.Verbose($"Starting the domain {name} on throw-away overlays of its disks; what is seen goes to '{request.OutputDirectory}'.");
        using TrialMachine machine = Start(request, reporter, token);
        reporter.Verbose($"{machine.Through} runs it with {machine.Accelerator}; waiting for {request.Until}.");
        Stopwatch clock = Stopwatch.StartNew();
        ScreenRecorder screens = new(request.OutputDirectory, files);
        using BootWatcher watcher = new(machine, request, screens, clock);
        BootDiagnosis end = watcher.Watch(reporter, token);
        watcher.TakeLastPicture(token);
        reporter.Verbose($"{end.Outcome} after {clock.Elapsed.TotalSeconds:0} s at the stage {watcher.Stage}. Writing '{serial}'.");
        AtomicFile.Write(serial, replace: true, stream => stream.Write(File.Exists(machine.SerialLog) ? File.ReadAllBytes(machine.SerialLog) : []));
        return new KvmBootResult
        {
            Name = name,
            Domain = request.Domain,
            Outcome = end.Outcome,
            Reached = watcher.Stage,
            Milestones = watcher.Milestones,
            Code = end.Code,
            CodeName = end.CodeName,
            Cause = end.Cause,
            Remedy = end.Remedy,
            Screenshots = screens.Files,
            SerialLog = serial,
            Accelerator = machine.Accelerator,
            Through = machine.Through,
            Duration = clock.Elapsed,
        };
    }

    private static void CheckPattern(string? pattern)
    {
        try
        {
            _ = pattern is null ? null : new Regex(pattern);
        }
        catch (RegexParseException fault)
        {
            throw new GuestStateException(
                "SerialPatternInvalid", pattern!, $"'{pattern}' is not a regular expression: {fault.Message}", "Give one that .NET knows.", fault);
        }
    }

    /// <summary>By libvirt where there is one. What is only chosen and does not work is told, and the next is tried.</summary>
    private static TrialMachine Start(KvmBootRequest request, IReporter reporter, CancellationToken token)
    {
        LibvirtHost? libvirt = request.Connect is { } uri ? LibvirtHost.At(uri)
            : request.NoLibvirt || request.QemuPath is not null ? null : LibvirtHost.Find();
        try
        {
            return Start(request, libvirt, reporter, token);
        }
        catch (GuestStateException fault) when (libvirt is not null && request.Connect is null && fault.ErrorId == "TrialMachineFailed")
        {
            reporter.Verbose($"QEMU is started without libvirt: {fault.Message}");
            return Start(request, null, reporter, token);
        }
    }

    /// <summary>Where nothing is said, KVM is tried first: a device file alone does not mean that it works.</summary>
    private static TrialMachine Start(KvmBootRequest request, LibvirtHost? libvirt, IReporter reporter, CancellationToken token)
    {
        bool useKvm = request.UseKvm ?? File.Exists(KvmDevice);
        try
        {
            return TrialMachine.Start(request, useKvm, libvirt, token);
        }
        catch (GuestStateException fault) when (useKvm && request.UseKvm is null && fault.ErrorId == "TrialMachineFailed")
        {
            reporter.Verbose($"KVM does not work here, so the processor is emulated: {fault.Message}");
            return TrialMachine.Start(request, false, libvirt, token);
        }
    }
}
