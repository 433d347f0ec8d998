using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Hyper2Kvm.Booting;

/// <summary>A virsh that is kept open: what libvirt started for it goes when it goes, also when this process is killed.</summary>
internal sealed class VirshSession : IDisposable
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_endLimit = TimeSpan.FromSeconds(30);

    private readonly Process _virsh;
    private readonly StringBuilder _output = new();
    private readonly ErrorLines _errors;
    private int _count;
    private bool _hasEnded;

    /// <param name="program">Full path of virsh.</param>
    /// <param name="uri">What it connects to.</param>
    public VirshSession(string program, string uri)
    {
        _virsh = HostProgram.Start(program, ["--quiet", "--connect", uri]);
        _errors = new ErrorLines(_virsh);
        new Thread(ReadOutput) { IsBackground = true, Name = "virsh" }.Start();
    }

    /// <summary>What it complained of.</summary>
    public string Errors => _errors.SoFar;

    /// <summary>Runs a command of one line and waits until it is done.</summary>
    /// <returns>False: it took longer, or virsh has ended.</returns>
    public bool Run(string command, TimeSpan limit, CancellationToken token)
    {
        if (_hasEnded)
        {
            return false;
        }

        // In quotes it is not yet what echo puts out, for virsh shows the commands as well.
        string number = (++_count).ToString(CultureInfo.InvariantCulture);
        try
        {
            _virsh.StandardInput.Write($"{command}\necho 'h2kv' '{number}.'\n");
            _virsh.StandardInput.Flush();
        }
        catch (IOException)
        {
            return false;
        }

        Stopwatch watch = Stopwatch.StartNew();
        lock (_output)
        {
            while (!Said($"h2kv {number}."))
            {
                token.ThrowIfCancellationRequested();
                if (watch.Elapsed > limit || _virsh.HasExited)
                {
                    return Said($"h2kv {number}.");
                }

                Monitor.Wait(_output, s_look);
            }
        }

        return true;
    }

    public void Dispose()
    {
        if (_hasEnded)
        {
            return;
        }

        _hasEnded = true;
        try
        {
            _virsh.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended already.
        }

        if (!_virsh.WaitForExit(s_endLimit))
        {
            _virsh.Kill(entireProcessTree: true);
        }

        _errors.ToTheEnd(s_endLimit);
        _virsh.Dispose();
    }

    private bool Said(string text) => _output.ToString().Contains(text, StringComparison.Ordinal);

    private void ReadOutput()
    {
        char[] buffer = new char[1024];
        try
        {
            while (_virsh.StandardOutput.Read(buffer) is > 0 and int count)
            {
                lock (_output)
                {
                    _output.Append(buffer, 0, count);
                    Monitor.PulseAll(_output);
                }
            }
        }
        catch (Exception end) when (end is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The process was ended while it was read from: the same as its end.
            _ = end;
        }
    }
}
