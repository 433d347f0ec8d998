using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Domains;

namespace Hyper2Kvm.Booting;

/// <summary>A machine that runs a domain on throw-away overlays, with the network closed. Ends with all that belongs to it.</summary>
internal abstract class TrialMachine(bool usesKvm) : IDisposable
{
    public QmpClient Qmp { get; protected set; } = null!;

    /// <summary>What the guest writes on its first serial port.</summary>
    public string SerialLog => Folder.File("serial.log");

    public string AgentSocket => Folder.File("agent");

    /// <summary>Name of the agent's port in QEMU's events.</summary>
    public abstract string AgentPort { get; }

    public string Accelerator => UsesKvm ? "kvm" : "tcg";

    /// <summary>Who runs it, for people.</summary>
    public abstract string Through { get; }

    public abstract bool HasEnded { get; }

    /// <summary>What QEMU, or what runs it, complained of.</summary>
    public abstract string Errors { get; }

    protected ThrowawayFolder Folder { get; } = new();

    protected bool UsesKvm { get; } = usesKvm;

    /// <summary>Starts the machine; the guest runs when this returns.</summary>
    /// <param name="request">What to boot.</param>
    /// <param name="useKvm">Else the processor is emulated.</param>
    /// <param name="libvirt">What runs it; null for QEMU itself.</param>
    /// <param name="token">Ends the wait for it.</param>
    /// <exception cref="GuestStateException"><c>TrialMachineFailed</c>: QEMU did not start; the message has its words.</exception>
    public static TrialMachine Start(KvmBootRequest request, bool useKvm, LibvirtHost? libvirt, CancellationToken token)
    {
        TrialMachine machine = libvirt is null ? new QemuMachine(useKvm) : new LibvirtMachine(libvirt, useKvm);
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

    /// <summary>The entry of query-blockstats is that of the domain's first disk.</summary>
    public abstract bool IsSystemDisk(JsonNode? statistics);

    public string TemporaryFile(string name) => Folder.File(name);

    public void Dispose()
    {
        End();
        Folder.Dispose();
    }

    protected abstract void Run(KvmBootRequest request, CancellationToken token);

    /// <summary>Ends all processes; called once, also after a start that failed.</summary>
    protected abstract void End();

    /// <summary>The domain's disks are never written: each gets an overlay of its own.</summary>
    /// <param name="domain">Its disks are replaced.</param>
    /// <param name="blank">The dummy disk of a domain that was only rehearsed: a blank one stands for it.</param>
    protected void UseOverlays(XElement domain, string? blank)
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
                file.Value = Folder.Blank("dummy.raw");
            }

            if (!File.Exists(file.Value))
            {
                throw new GuestItemNotFoundException(
                    "BootDiskMissing", file.Value, $"The domain's disk '{file.Value}' is not on this host.",
                    "Run this on the KVM host, or write the domain anew without -KvmFolder.");
            }

            file.Value = Folder.Overlay(file.Value, format.Value, string.Create(CultureInfo.InvariantCulture, $"disk{number++}.qcow2"));
            format.Value = "qcow2";
            disk.Element("driver")!.SetAttributeValue("cache", "unsafe");
        }
    }
}
