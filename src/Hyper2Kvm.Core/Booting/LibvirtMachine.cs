using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Domains;

namespace Hyper2Kvm.Booting;

/// <summary>Runs the domain by libvirt: as a domain of another name that libvirt forgets when it ends.</summary>
internal sealed class LibvirtMachine(LibvirtHost host, bool useKvm) : TrialMachine(useKvm)
{
    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_endLimit = TimeSpan.FromSeconds(60);

    private readonly string _name = $"h2kv-trial-{Guid.NewGuid():N}"[..20];
    private VirshSession? _virsh;
    private Socket? _monitor;
    private NetworkStream? _stream;

    public override string Through => $"libvirt ({host.Uri})";

    public override string AgentPort => LibvirtTrial.AgentPort;

    public override bool HasEnded => Qmp.IsClosed;

    public override string Errors => _virsh?.Errors ?? "";

    public override bool IsSystemDisk(JsonNode? statistics) =>
        (statistics?["qdev"] as JsonValue)?.TryGetValue(out string? path) == true && path!.Split('/').Contains(LibvirtTrial.SystemDisk);

    protected override void Run(KvmBootRequest request, CancellationToken token)
    {
        XElement domain = DomainXmlReader.Read(request.Xml);
        string original = domain.Element("name")?.Value ?? "domain";
        UseOverlays(domain, request.Domain?.RehearsedDummyDisk);
        LibvirtTrial.Adapt(domain, _name, Folder, host.Labels(), UsesKvm);
        string file = Folder.Text("trial.xml", domain.ToString());
        _virsh = new VirshSession(host.Program, host.Uri);
        // A driver within virsh itself ends with virsh anyway, and does not know the option.
        string option = host.Uri.Contains("///embed", StringComparison.Ordinal) ? "" : "--autodestroy ";
        bool answered = _virsh.Run($"create {option}'{file}'", s_startLimit, token);
        if (!answered || !File.Exists(LibvirtTrial.Monitor(Folder)))
        {
            // Its last words come when it ends.
            _virsh.Dispose();
            throw new GuestStateException(
                "TrialMachineFailed", original, $"libvirt ({host.Uri}) did not start the domain '{original}': {Errors}", "Mend what it says, or leave libvirt out: -NoLibvirt.");
        }

        Connect(original, token);
    }

    protected override void End()
    {
        // Waits for it: when this returns, QEMU is gone and its files can be deleted.
        _virsh?.Run($"destroy {_name}", s_endLimit, CancellationToken.None);
        _stream?.Dispose();
        _monitor?.Dispose();
        Qmp?.Dispose();
        _virsh?.Dispose();
    }

    private void Connect(string original, CancellationToken token)
    {
        try
        {
            _monitor = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            _monitor.Connect(new UnixDomainSocketEndPoint(LibvirtTrial.Monitor(Folder)));
            _stream = new NetworkStream(_monitor);
            UTF8Encoding plain = new(encoderShouldEmitUTF8Identifier: false);
            Qmp = new QmpClient(new StreamReader(_stream, plain), new StreamWriter(_stream, plain));
            Qmp.Connect(token);
        }
        catch (Exception end) when (end is IOException or SocketException)
        {
            throw new GuestStateException(
                "TrialMachineFailed", original, $"libvirt ({host.Uri}) started the domain '{original}', and its QEMU does not answer: {end.Message} {Errors}".TrimEnd(),
                "Leave libvirt out: -NoLibvirt.", end);
        }
    }
}
