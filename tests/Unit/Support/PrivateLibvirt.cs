using System.Diagnostics;
using System.Net.Sockets;

namespace Hyper2Kvm.Unit.Support;

/// <summary>A libvirtd of the test's own: all that it keeps lies in one folder, and it ends with the test. It does not run as root, for root's
/// daemon would be the host's.</summary>
internal sealed class PrivateLibvirt : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private readonly TempFolder _folder = new();
    private readonly Process _daemon;

    public PrivateLibvirt()
    {
        foreach (string name in (string[])["home", "run", "config", "cache", "data"])
        {
            Directory.CreateDirectory(_folder.File(name));
        }

        List<string> command = [ForeignTool.Find("libvirtd")!];
        if (Environment.IsPrivilegedProcess)
        {
            ForeignTool.RunOk("chown", "-R", "nobody", _folder.Path);
            command.InsertRange(0, [ForeignTool.Find("setpriv")!, "--reuid=nobody", "--clear-groups"]);
        }

        ProcessStartInfo start = new(command[0], command.Skip(1)) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["HOME"] = _folder.File("home");
        start.Environment["XDG_RUNTIME_DIR"] = _folder.File("run");
        start.Environment["XDG_CONFIG_HOME"] = _folder.File("config");
        start.Environment["XDG_CACHE_HOME"] = _folder.File("cache");
        start.Environment["XDG_DATA_HOME"] = _folder.File("data");
        _daemon = Process.Start(start)!;
        _daemon.ErrorDataReceived += (_, _) => { };
        _daemon.BeginErrorReadLine();
        _daemon.OutputDataReceived += (_, _) => { };
        _daemon.BeginOutputReadLine();
        SpinWait.SpinUntil(() => Listens() || _daemon.HasExited, s_patience);
        Assert.True(Listens(), "libvirtd did not start");
    }

    public string Uri => $"qemu+unix:///session?socket={SocketPath}";

    private string SocketPath => _folder.File("run/libvirt/libvirt-sock");

    /// <summary>Runs virsh with commands of one line each; none of them may complain.</summary>
    public string Virsh(params string[] commands)
    {
        (_, string output, string error) = ForeignTool.Run("virsh", "--quiet", "-c", Uri, string.Join(';', commands));
        Assert.True(error.Trim().Length == 0, error);
        return output;
    }

    public void Dispose()
    {
        _daemon.Kill(entireProcessTree: true);
        _daemon.WaitForExit();
        _daemon.Dispose();
        _folder.Dispose();
    }

    /// <summary>The socket is there a moment before somebody listens to it.</summary>
    private bool Listens()
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(SocketPath));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
