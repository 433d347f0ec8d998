using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Domains;

namespace Hyper2Kvm.Booting;

/// <summary>Runs the domain by QEMU itself, for hosts without libvirt.</summary>
internal sealed class QemuMachine(bool useKvm) : TrialMachine(useKvm)
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_endLimit = TimeSpan.FromSeconds(5);

    private Process? _qemu;
    private ErrorLines? _errors;
    private Process? _tpm;

    public override string Through => "QEMU";

    public override string AgentPort => "agent";

    public override bool HasEnded => _qemu!.HasExited;

    public override string Errors => HasEnded ? _errors!.ToTheEnd(s_endLimit) : _errors!.SoFar;

    public override bool IsSystemDisk(JsonNode? statistics) =>
        (statistics?["device"] as JsonValue)?.TryGetValue(out string? device) == true && device == "disk0";

    protected override void Run(KvmBootRequest request, CancellationToken token)
    {
        XElement domain = DomainXmlReader.Read(request.Xml);
        string name = domain.Element("name")?.Value ?? "domain";
        UseOverlays(domain, request.Domain?.RehearsedDummyDisk);
        QemuHost host = Host(domain);
        string program = HostProgram.Need(request.QemuPath, "qemu-system-x86_64", "qemu-system-x86");
        IEnumerable<string> arguments = QemuCommandLine.From(domain.ToString(), host)
            .Concat(["-chardev", "stdio,id=monitor,signal=off", "-mon", "chardev=monitor,mode=control", "-msg", "timestamp=off"]);
        _qemu = HostProgram.Start(program, arguments);
        _errors = new ErrorLines(_qemu);
        Qmp = new QmpClient(_qemu.StandardOutput, _qemu.StandardInput);
        try
        {
            Qmp.Connect(token);
        }
        catch (IOException end)
        {
            string errors = _errors.ToTheEnd(s_endLimit);
            throw new GuestStateException(
                "TrialMachineFailed", name, $"QEMU did not start the domain '{name}': {errors}", "Mend what it says, or start the domain by libvirt.", end);
        }
    }

    protected override void End()
    {
        End(_qemu);
        Qmp?.Dispose();
        End(_tpm);
    }

    private static void End(Process? process)
    {
        if (process is null)
        {
            return;
        }

        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit(s_endLimit);
        }

        process.Dispose();
    }

    /// <summary>The network leads nowhere: a copy of a production server must not speak to the world a second time.</summary>
    private QemuHost Host(XElement domain)
    {
        QemuHost host = new()
        {
            HasKvm = UsesKvm, HasDisplay = false, SerialLog = SerialLog, AgentSocket = AgentSocket, Network = "user,restrict=on",
            TpmSocket = domain.Descendants("tpm").Any() ? StartTpm() : null,
        };
        if (domain.Element("os")?.Attribute("firmware")?.Value != "efi")
        {
            return host;
        }

        bool secure = domain.Descendants("feature").Any(feature =>
            feature.Attribute("name")?.Value == "secure-boot" && feature.Attribute("enabled")?.Value == "yes");
        string architecture = domain.Element("os")?.Element("type")?.Attribute("arch")?.Value is "i686" ? "i386" : "x86_64";
        bool hasSmm = domain.Element("features")?.Element("smm")?.Attribute("state")?.Value == "on";
        return QemuFirmware.Find(architecture, "q35", secure, hasSmm) is { } firmware
            ? host with { FirmwareCode = firmware.Code, FirmwareVariables = Folder.Copy(firmware.VariablesTemplate, "nvram.fd") }
            : host;
    }

    /// <summary>A TPM without a past; it waits for QEMU and ends with the connection.</summary>
    private string? StartTpm()
    {
        if (HostProgram.Find("swtpm") is not { } program)
        {
            return null;
        }

        string state = Folder.File("tpm");
        string socket = Folder.File("tpm.sock");
        Directory.CreateDirectory(state);
        _tpm = HostProgram.Start(
            program, ["socket", "--tpm2", "--tpmstate", $"dir={state}", "--ctrl", $"type=unixio,path={socket}", "--flags", "startup-clear", "--terminate"]);
        Stopwatch clock = Stopwatch.StartNew();
        while (clock.Elapsed < s_startLimit && !File.Exists(socket) && !_tpm.WaitForExit(s_look))
        {
        }

        return File.Exists(socket) ? socket : null;
    }
}
