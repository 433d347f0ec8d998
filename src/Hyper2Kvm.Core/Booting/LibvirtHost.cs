using System.Diagnostics;
using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Booting;

/// <summary>A libvirt that can run a machine for us.</summary>
/// <param name="Program">Full path of virsh.</param>
/// <param name="Uri">The connection.</param>
/// <param name="SecurityModels">What it confines machines by: <c>dac</c>, <c>apparmor</c>, <c>selinux</c>.</param>
internal sealed record LibvirtHost(string Program, string Uri, IReadOnlyList<string> SecurityModels)
{
    /// <summary>In milliseconds, for one that was only found: QEMU can be started without it.</summary>
    private const int AnswerLimit = 10_000;

    /// <summary>For one that was named: a libvirt that has just been started asks each QEMU first what it can do.</summary>
    private const int PatientAnswerLimit = 120_000;
    private const int MaxCapabilities = 4 * 1024 * 1024;

    private static readonly string[] s_sockets = ["libvirt/libvirt-sock", "libvirt/virtqemud-sock"];

    /// <summary>The libvirt that runs on this host for this user. None is started: what it left running would not be ours to end.</summary>
    /// <returns>Null when there is none.</returns>
    public static LibvirtHost? Find()
    {
        string? folder = Environment.IsPrivilegedProcess ? "/run" : Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
        bool runs = folder is not null && s_sockets.Any(socket => File.Exists(Path.Combine(folder, socket)));
        return runs && HostProgram.Find("virsh") is { } program ? Ask(program, Environment.IsPrivilegedProcess ? "qemu:///system" : "qemu:///session", AnswerLimit) : null;
    }

    /// <summary>The libvirt that the user names.</summary>
    /// <exception cref="GuestItemNotFoundException"><c>ProgramNotFound</c>.</exception>
    /// <exception cref="GuestStateException"><c>LibvirtNotReached</c>.</exception>
    public static LibvirtHost At(string uri) => Ask(HostProgram.Need(null, "virsh", "libvirt-clients"), uri, PatientAnswerLimit)
        ?? throw new GuestStateException(
            "LibvirtNotReached", uri, $"There is no libvirt with QEMU at '{uri}'.", "Try: virsh -c URI capabilities. Without -Connect, QEMU can be started directly.");

    /// <summary>Labels for a machine that runs as this user and owns no file but those that this process made: libvirt is to change the owner
    /// of nothing, least of all of the disk that lies beneath the overlay.</summary>
    public IEnumerable<XElement> Labels()
    {
        foreach (string model in SecurityModels)
        {
            if (model != "dac")
            {
                yield return new XElement("seclabel", new XAttribute("type", "none"), new XAttribute("model", model));
            }
            else if (OwnIds() is { } ids)
            {
                yield return new XElement(
                    "seclabel", new XAttribute("type", "static"), new XAttribute("model", model), new XAttribute("relabel", "no"),
                    new XElement("label", string.Create(CultureInfo.InvariantCulture, $"+{ids.User}:+{ids.Group}")));
            }
        }
    }

    private static LibvirtHost? Ask(string program, string uri, int limit)
    {
        using Process virsh = HostProgram.Start(program, ["--quiet", "--connect", uri, "capabilities"]);
        virsh.StandardInput.Close();
        virsh.ErrorDataReceived += (_, _) => { };
        virsh.BeginErrorReadLine();
        Task<string> output = virsh.StandardOutput.ReadToEndAsync();
        if (!virsh.WaitForExit(limit))
        {
            virsh.Kill(entireProcessTree: true);
            return null;
        }

        string text = output.GetAwaiter().GetResult();
        return virsh.ExitCode == 0 && text.Length < MaxCapabilities && Models(text) is { } models ? new LibvirtHost(program, uri, models) : null;
    }

    private static IReadOnlyList<string>? Models(string capabilities)
    {
        try
        {
            using XmlReader reader = XmlReader.Create(new StringReader(capabilities), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
            return [.. XDocument.Load(reader).Descendants("secmodel").Select(model => model.Element("model")?.Value ?? "").Where(name => name.Length > 0 && name != "none")];
        }
        catch (XmlException)
        {
            return null;
        }
    }

    /// <summary>proc(5): real, effective, saved and file system id.</summary>
    private static (int User, int Group)? OwnIds()
    {
        const string Status = "/proc/self/status";
        if (!File.Exists(Status))
        {
            return null;
        }

        string[] lines = File.ReadAllLines(Status);
        int Effective(string name) => int.Parse(lines.First(line => line.StartsWith(name, StringComparison.Ordinal)).Split('\t')[2], CultureInfo.InvariantCulture);
        return (Effective("Uid:"), Effective("Gid:"));
    }
}
