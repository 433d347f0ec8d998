using System.Diagnostics;

namespace Hyper2Kvm.Unit.Support;

/// <summary>A libvirtd of the test's own: all that it keeps lies in one folder, and it ends with the test. It does not run as root, for root's
/// daemon would be the host's.</summary>
internal sealed class PrivateLibvirt : IDisposable
{
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
        for (int look = 0; look < 600 && !File.Exists(Socket) && !_daemon.HasExited; look++)
        {
            _daemon.WaitForExit(50);
        }

        Assert.True(File.Exists(Socket), "libvirtd did not start");
    }

    public string Uri => $"qemu+unix:///session?socket={Socket}";

    private string Socket => _folder.File("run/libvirt/libvirt-sock");

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
}
