using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Xml.Linq;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Domains;

namespace Hyper2Kvm.Booting;

/// <summary>A QEMU machine that runs a domain on throw-away overlays, with the network closed. Ends with all that belongs to it.</summary>
internal sealed class TrialMachine : IDisposable
{
    private static readonly TimeSpan s_endLimit = TimeSpan.FromSeconds(5);

    private readonly ThrowawayFolder _folder = new();
    private readonly StringBuilder _errors = new();
    private readonly bool _useKvm;
    private Process? _qemu;
    private Process? _tpm;

    private TrialMachine(bool useKvm) => _useKvm = useKvm;

    public QmpClient Qmp { get; private set; } = null!;

    /// <summary>What the guest writes on its first serial port.</summary>
    public string SerialLog => _folder.File("serial.log");

    public string AgentSocket => _folder.File("agent");

    public string Accelerator => _useKvm ? "kvm" : "tcg";

    public bool HasEnded => _qemu!.HasExited;

    /// <summary>What QEMU itself complained of.</summary>
    public string Errors
    {
        get
        {
            lock (_errors)
            {
                return _errors.ToString().Trim();
            }
        }
    }

    /// <summary>Starts the machine; the guest runs when this returns.</summary>
    /// <exception cref="GuestStateException"><c>TrialMachineFailed</c>: QEMU did not start; the message has its words.</exception>
    public static TrialMachine Start(KvmBootRequest request, bool useKvm, CancellationToken token)
    {
        TrialMachine machine = new(useKvm);
        try
        {
            machine.Run(request, token);
            return machine;
        }
        catch
        {
            machine.Dispose();
            throw;
        }
    }

    public string TemporaryFile(string name) => _folder.File(name);

    public void Dispose()
    {
        End(_qemu);
        Qmp?.Dispose();
        End(_tpm);
        _folder.Dispose();
    }

    private void Run(KvmBootRequest request, CancellationToken token)
    {
        XElement domain = DomainXmlReader.Read(request.Xml);
        string name = domain.Element("name")?.Value ?? "domain";
        UseOverlays(domain, request.Domain?.RehearsedDummyDisk);
        QemuHost host = Host(domain);
        string program = HostProgram.Need(request.QemuPath, "qemu-system-x86_64", "qemu-system-x86");
        IEnumerable<string> arguments = QemuCommandLine.From(domain.ToString(), host)
            .Concat(["-chardev", "stdio,id=monitor,signal=off", "-mon", "chardev=monitor,mode=control", "-msg", "timestamp=off"]);
        _qemu = HostProgram.Start(program, arguments);
        _qemu.ErrorDataReceived += (_, line) =>
        {
            lock (_errors)
            {
                _errors.AppendLine(line.Data);
            }
        };
        _qemu.BeginErrorReadLine();
        Qmp = new QmpClient(_qemu.StandardOutput, _qemu.StandardInput);
        try
        {
            Qmp.Connect(token);
        }
        catch (IOException end)
        {
            _qemu.WaitForExit(s_endLimit);
            throw new GuestStateException(
                "TrialMachineFailed", name, $"QEMU did not start the domain '{name}': {Errors}", "Mend what it says, or start the domain by libvirt.", end);
        }
    }

    /// <summary>The domain's disks are never written: each gets an overlay of its own.</summary>
    /// <param name="domain">Its disks are replaced.</param>
    /// <param name="blank">The dummy disk of a domain that was only rehearsed: a blank one stands for it.</param>
    private void UseOverlays(XElement domain, string? blank)
    {
        int number = 0;
        foreach (XElement disk in domain.Descendants("disk").Where(disk => disk.Attribute("device")?.Value is not ("cdrom" or "floppy")))
        {
            XAttribute? file = disk.Element("source")?.Attribute("file");
            XAttribute? format = disk.Element("driver")?.Attribute("type");
            if (file is null || format is null)
            {
                throw DomainXmlReader.Unknown("a disk that is not a file");
            }

            if (file.Value == blank)
            {
                file.Value = _folder.Blank("dummy.raw");
            }

            if (!File.Exists(file.Value))
            {
                throw new GuestItemNotFoundException(
                    "BootDiskMissing", file.Value, $"The domain's disk '{file.Value}' is not on this host.",
                    "Run this on the KVM host, or write the domain anew without -KvmFolder.");
            }

            file.Value = _folder.Overlay(file.Value, format.Value, string.Create(CultureInfo.InvariantCulture, $"disk{number++}.qcow2"));
            format.Value = "qcow2";
            disk.Element("driver")!.Attribute("cache")!.Value = "unsafe";
        }
    }

    /// <summary>The network leads nowhere: a copy of a production server must not speak to the world a second time.</summary>
    private QemuHost Host(XElement domain)
    {
        QemuHost host = new()
        {
            HasKvm = _useKvm, HasDisplay = false, SerialLog = SerialLog, AgentSocket = AgentSocket, Network = "user,restrict=on",
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
            ? host with { FirmwareCode = firmware.Code, FirmwareVariables = _folder.Copy(firmware.VariablesTemplate, "nvram.fd") }
            : host;
    }

    /// <summary>A TPM without a past; it waits for QEMU and ends with the connection.</summary>
    private string? StartTpm()
    {
        if (HostProgram.Find("swtpm") is not { } program)
        {
            return null;
        }

        string state = _folder.File("tpm");
        string socket = _folder.File("tpm.sock");
        Directory.CreateDirectory(state);
        _tpm = HostProgram.Start(
            program, ["socket", "--tpm2", "--tpmstate", $"dir={state}", "--ctrl", $"type=unixio,path={socket}", "--flags", "startup-clear", "--terminate"]);
        for (int wait = 0; wait < 200 && !File.Exists(socket) && !_tpm.HasExited; wait++)
        {
            _tpm.WaitForExit(25);
        }

        return File.Exists(socket) ? socket : null;
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
}
