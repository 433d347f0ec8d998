using System.Text;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing.Commit;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Images;

namespace Hyper2Kvm.Domains;

/// <summary>The domains of one guest: their text, and the files that hold it.</summary>
public sealed class DomainFiles
{
    private const long DummyDiskSize = 64 * 1024 * 1024;
    private const int MaxFile = 4 * 1024 * 1024;

    private readonly WindowsLayout _layout;
    private readonly VirtioDriverPlan? _plan;
    private readonly string _image;
    private readonly string _folder;
    private readonly DomainSettings _settings;
    private readonly IReporter _reporter;
    private readonly DomainRequest _request;

    /// <param name="layout">The guest.</param>
    /// <param name="plan">Says bus and driver ISO where the settings do not; or null.</param>
    /// <param name="image">Full path of the disk that the domains start from.</param>
    /// <param name="folder">Full path of the folder for the files; it need not exist.</param>
    /// <param name="settings">What is wanted.</param>
    /// <param name="reporter">Hears warnings.</param>
    /// <exception cref="GuestStateException"><c>NetworkMapNeedsMachine</c>, or what <see cref="DomainIdentity"/> refuses.</exception>
    /// <exception cref="UnsupportedFeatureException"><c>DomainDiskFormat</c>: the disk lies in an archive.</exception>
    public DomainFiles(WindowsLayout layout, VirtioDriverPlan? plan, string image, string folder, DomainSettings settings, IReporter reporter)
    {
        _layout = layout;
        _plan = plan;
        _image = image;
        _folder = folder;
        _settings = settings;
        _reporter = reporter;
        RefuseBundle();
        SourceMachine? machine = settings.Machine ?? layout.Machine;
        DomainIdentity identity = machine is null
            ? DomainIdentity.From(layout, settings.Name, settings.Uuid, settings.MacAddresses)
            : MachineTakeOver.Identity(layout, machine, settings.Name, settings.Uuid, settings.MacAddresses);
        DummyDisk = Path.Combine(folder, $"{identity.Name}-virtio-dummy.raw");
        _request = Request(identity, machine);
    }

    public string Name => _request.Identity.Name;

    public int MemoryMiB => _request.MemoryMiB;

    /// <summary>Where the small blank disk of the bootstrap domain is, or would be.</summary>
    public string DummyDisk { get; }

    /// <summary>Where the domain of a phase is, or would be.</summary>
    public string PathOf(DomainPhase phase) =>
        Path.Combine(_folder, $"{Name}-{phase.ToString().ToLowerInvariant()}{DomainText.Extension(_settings.Kind)}");

    /// <summary>The gate between the two boots: a guest that would not start from VirtIO gets no final domain.</summary>
    /// <param name="image">Full path of the disk as it is now.</param>
    /// <param name="allowsNotReady">Only warn.</param>
    /// <param name="isRehearsal">The edits before were rehearsed: only the layout knows them.</param>
    /// <exception cref="GuestStateException"><c>VirtioNotReady</c>.</exception>
    /// <exception cref="Hyper2KvmException">The image is there, and cannot be read.</exception>
    public void CheckReady(string image, bool allowsNotReady, bool isRehearsal)
    {
        if (FinalBootGate.Obstacle(_layout, image, _request.Bus, _plan, isRehearsal, _reporter) is not { } obstacle)
        {
            return;
        }

        if (!allowsNotReady)
        {
            throw new GuestStateException(
                "VirtioNotReady", image, $"'{image}' would not start from {_request.Bus}, so its final domain is not written: {obstacle}",
                "Test-VirtioReadiness lists all reasons with their remedies. -AllowNotReady writes the domain all the same.");
        }

        _reporter.Warning($"'{image}' would not start from {_request.Bus}, as things are: {obstacle}");
    }

    /// <summary>The domain of a phase.</summary>
    /// <param name="phase">Which boot it is for.</param>
    /// <param name="writes">Write its files; else only the text is made.</param>
    /// <exception cref="GuestStateException"><c>DestinationExists</c>, or what <see cref="DomainText.Write"/> refuses.</exception>
    /// <exception cref="IOException">The host cannot write.</exception>
    public KvmDomain Make(DomainPhase phase, bool writes)
    {
        bool hasDummy = HasDummyDisk(phase);
        DomainRequest request = _request with { Phase = phase };
        string text = DomainText.Write(request, _settings.Kind);
        string xml = _settings.Kind == KvmDomainKind.Libvirt
            ? text
            : DomainXmlWriter.Write(request with { DummyDiskPath = hasDummy ? request.DummyDiskPath : null });
        if (writes)
        {
            AtomicFile.CreateFolder(_folder);
            if (hasDummy)
            {
                WriteDummyDisk();
            }

            Write(PathOf(phase), text);
        }

        return Domain(phase, writes, text, xml);
    }

    /// <summary>The domain of a phase whose file an earlier run has written; the file may have been changed since.</summary>
    /// <exception cref="IOException">The file is not there.</exception>
    public KvmDomain Load(DomainPhase phase)
    {
        KvmDomain made = Make(phase, writes: false);
        using FileStream file = File.OpenRead(PathOf(phase));
        byte[] bytes = new byte[Math.Min(file.Length, MaxFile)];
        string text = Encoding.UTF8.GetString(bytes, 0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
        return Domain(phase, isWritten: true, text, _settings.Kind == KvmDomainKind.Libvirt ? text : made.Xml);
    }

    /// <summary>A cluster and Proxmox make the dummy disk themselves.</summary>
    public bool HasDummyDisk(DomainPhase phase) => phase == DomainPhase.Bootstrap && _settings.Kind is KvmDomainKind.Libvirt or KvmDomainKind.Qemu;

    private KvmDomain Domain(DomainPhase phase, bool isWritten, string text, string xml) => new()
    {
        Layout = _layout,
        Plan = _plan,
        ImagePath = _image,
        Name = Name,
        Phase = phase,
        Path = isWritten ? PathOf(phase) : null,
        DummyDiskPath = isWritten && HasDummyDisk(phase) ? DummyDisk : null,
        RehearsedDummyDisk = !isWritten && HasDummyDisk(phase) ? _request.DummyDiskPath : null,
        Kind = _settings.Kind,
        Text = text,
        Xml = xml,
    };

    private void RefuseBundle()
    {
        if (_image == _layout.ImagePath && _layout.Bundle is not null)
        {
            throw new UnsupportedFeatureException(
                "DomainDiskFormat", "a domain that starts from inside an OVA", _image, "Make a copy of the disk with Convert-DiskImage, and take that.");
        }
    }

    /// <summary>The machine's values, and over them what the user gave.</summary>
    private DomainRequest Request(DomainIdentity identity, SourceMachine? machine)
    {
        string? iso = _settings.DriverIso ?? (File.Exists(_plan?.Source) ? _plan!.Source : null);
        DomainRequest request = new()
        {
            Layout = _layout,
            Phase = DomainPhase.Bootstrap,
            ImagePath = OnKvmHost(_image),
            // An edit's result is always QCOW2; only the source itself and a conversion have another format.
            DiskFormat = (_settings.ImageFormat ?? (_image == _layout.ImagePath ? _layout.Format : ImageFormat.Qcow2)).QemuName(),
            DataDisks = DataDisks(),
            Identity = identity,
            Bus = _settings.Bus ?? _plan?.Bus ?? StorageBus.VirtioBlk,
            DriverIso = iso is null ? null : OnKvmHost(iso),
            DummyDiskPath = OnKvmHost(DummyDisk),
            NetworkName = _settings.NetworkName,
            Networks = Networks(identity, machine),
            CpuMode = _settings.CpuMode,
            SecureBoot = _settings.SecureBoot ?? false,
        };
        DomainRequest theirs = machine is null ? request : MachineTakeOver.Apply(request, machine);
        bool hasTopology = _settings.Sockets is not null || _settings.Cores is not null;
        // More are there, and Windows does not use them.
        bool isSingle = _layout.HasSingleProcessorHal;
        return theirs with
        {
            MemoryMiB = _settings.MemoryMiB ?? theirs.MemoryMiB,
            // One without the other is meant with its default, not with a half of the machine's.
            Sockets = hasTopology ? _settings.Sockets ?? request.Sockets : isSingle ? 1 : theirs.Sockets,
            Cores = hasTopology ? _settings.Cores ?? request.Cores : isSingle ? 1 : theirs.Cores,
            SecureBoot = _settings.SecureBoot ?? theirs.SecureBoot,
            Tpm = _settings.Tpm ?? theirs.Tpm,
        };
    }

    private IReadOnlyList<DomainNetwork?> Networks(DomainIdentity identity, SourceMachine? machine)
    {
        if (_settings.NetworkMap is not { } map)
        {
            return [];
        }

        if (machine is null)
        {
            throw new GuestStateException(
                "NetworkMapNeedsMachine", identity.Name, "The networks of the source machine are not known, so -NetworkMap has nothing to map.",
                "Give the machine with -SourceMachine, or the one network of all cards with -NetworkName.");
        }

        IReadOnlyList<DomainNetwork?> networks = NetworkMap.Networks(identity, machine, map, out IReadOnlyList<string> unknown);
        if (unknown.Count > 0)
        {
            _reporter.Warning(
                $"-NetworkMap does not name {string.Join(", ", unknown)} of '{machine.Name}': those cards are plugged into '{_settings.NetworkName}'.");
        }

        return networks;
    }

    /// <summary>What a domain cannot use is named as its converted copy, so that the disks keep their order.</summary>
    private List<DomainDisk> DataDisks()
    {
        List<DomainDisk> disks = [];
        foreach (DataDisk disk in _settings.Machine is { } machine ? MachineProbe.DataDisksBeside(machine, _layout, _reporter) : _layout.DataDisks)
        {
            if (disk.Obstacle is null)
            {
                disks.Add(new DomainDisk(OnKvmHost(disk.ImagePath), disk.Format.QemuName(), disk.IsBootDisk));
                continue;
            }

            string copy = Path.Combine(Path.GetDirectoryName(_image)!, Path.GetFileNameWithoutExtension(disk.ImagePath) + ".qcow2");
            _reporter.Warning(
                $"No domain can use the data disk '{disk.ImagePath}' as it is, because {disk.Obstacle}. The domain names its copy, '{copy}': "
                + "make that with Convert-DiskImage.");
            disks.Add(new DomainDisk(OnKvmHost(copy), ImageFormat.Qcow2.QemuName(), disk.IsBootDisk));
        }

        return disks;
    }

    private string OnKvmHost(string path) => _settings.KvmFolder is { } folder ? $"{folder.TrimEnd('/')}/{Path.GetFileName(path)}" : path;

    /// <summary>A file that says the same already is left alone; one that differs may carry somebody's changes.</summary>
    private void Write(string path, string text)
    {
        byte[] bytes = new UTF8Encoding(false).GetBytes(text);
        if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(bytes))
        {
            _reporter.Verbose($"'{path}' is as wanted already.");
            return;
        }

        _reporter.Verbose($"Writing '{path}'.");
        AtomicFile.Write(path, _settings.Force, stream => stream.Write(bytes));
    }

    /// <summary>Sparse and blank. One that is there is kept: Windows may have put its signature on it.</summary>
    private void WriteDummyDisk()
    {
        if (new FileInfo(DummyDisk) is { Exists: true, Length: DummyDiskSize })
        {
            _reporter.Verbose($"'{DummyDisk}' is there already.");
            return;
        }

        _reporter.Verbose($"Writing '{DummyDisk}', which is blank.");
        AtomicFile.Write(DummyDisk, _settings.Force, stream => stream.SetLength(DummyDiskSize));
    }
}
