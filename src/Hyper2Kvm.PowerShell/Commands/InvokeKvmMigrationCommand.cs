using System.Collections;
using System.Collections.Concurrent;
using System.Management.Automation;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Domains;
using Hyper2Kvm.Drivers;
using Hyper2Kvm.Images;
using Hyper2Kvm.Images.Conversion;
using Hyper2Kvm.Migration;
using Hyper2Kvm.PowerShell.Binding;
using Hyper2Kvm.PowerShell.Commands.Base;

namespace Hyper2Kvm.PowerShell.Commands;

/// <summary>Invoke-KvmMigration: the whole boot cycle, for one machine or for many.</summary>
/// <remarks>The machines are worked on by threads of their own. What these say is queued, and the pipeline's thread says it: in Process
/// what is there, in EndProcessing until all are done. The pipeline's set is the default one, as in Get-SourceMachine.</remarks>
[Cmdlet(VerbsLifecycle.Invoke, "KvmMigration", DefaultParameterSetName = ObjectSet, SupportsShouldProcess = true)]
[OutputType(typeof(KvmMigration))]
public sealed class InvokeKvmMigrationCommand : Hyper2KvmCmdlet
{
    private const string ObjectSet = "InputObject";
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";

    private readonly BlockingCollection<Action> _posts = [];
    private readonly Queue<(int Number, MigrationSource Source, bool Preview)> _waiting = new();
    private readonly List<Task> _workers = [];
    private MigrationSettings _settings = null!;
    private MigrationHost _host = null!;
    private int _count;
    private int _running;
    private int _done;

    /// <summary>Disks, layouts, machines; paths and files, too.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ObjectSet, ValueFromPipeline = true)]
    [ValidateNotNull]
    public PSObject InputObject { get; set; } = null!;

    /// <summary>Disk images, OVAs, descriptions of machines or folders with one.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary>The same, exactly as named.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [Alias("PSPath", "LP")]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>The virtio-win ISO, or a folder with its content.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? DriverSource { get; set; }

    /// <summary>Folder for all results; that of each image by default.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? OutputDirectory { get; set; }

    /// <summary>Go on where an earlier run was interrupted or failed.</summary>
    [Parameter]
    public SwitchParameter Resume { get; set; }

    /// <summary>Begin anew, and replace what lies in the way.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Which Windows is meant on a disk that holds several: the number of its partition.</summary>
    [Parameter]
    [ValidateRange(1, 256)]
    [ArgumentCompleter(typeof(WindowsPartitionCompleter))]
    public int? Partition { get; set; }

    /// <summary>Disk bus of the final domain; the one that the guest is ready for, else VirtioBlk.</summary>
    [Parameter]
    public StorageBus? Bus { get; set; }

    /// <summary>Driver rules of the user's own, laid over the default ones.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] RuleFile { get; set; } = [];

    [Parameter]
    public SwitchParameter AllowUnsignedDriver { get; set; }

    /// <summary>Devices besides storage whose drivers are laid ready for Windows to install.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ValidateSet("Network", "Serial", "Rng", "Balloon", "Gpu", "Input", "Socket", "Crypto", "Memory", "Sound", "FileSystem", "Panic", "FirmwareConfig", "Qxl")]
    public VirtioDevice[] Device { get; set; } = [];

    /// <summary>The storage drivers go into the recovery environment too, at the first boot.</summary>
    [Parameter]
    public SwitchParameter RecoveryEnvironment { get; set; }

    /// <summary>What becomes of the guest's network settings; none by default.</summary>
    [Parameter]
    [ValidateSet("Preserve", "Dhcp")]
    public string? NetworkPolicy { get; set; }

    [Parameter]
    public SwitchParameter RemoveGhostAdapters { get; set; }

    /// <summary>Hypervisors whose tools are switched off.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public GuestTool[] RemoveGuestTool { get; set; } = [];

    /// <summary>Scripts, packages and programs that Windows runs at its first boot, in this order.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] FirstBootFile { get; set; } = [];

    /// <summary>Repair the boot store where the disk tells what is right.</summary>
    [Parameter]
    public SwitchParameter RepairBcd { get; set; }

    [Parameter]
    public KvmDomainKind As { get; set; } = KvmDomainKind.Libvirt;

    /// <summary>Folder on the KVM host that will hold the disks. On Windows <c>/var/lib/libvirt/images</c> by default.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(KvmFolderCompleter))]
    public string? KvmFolder { get; set; } = OperatingSystem.IsWindows() ? "/var/lib/libvirt/images" : null;

    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(NetworkNameCompleter))]
    public string NetworkName { get; set; } = "default";

    /// <summary>Networks of the source machine to bridges (<c>br0</c>) or libvirt networks (<c>network:default</c>).</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(NetworkMapCompleter))]
    public IDictionary? NetworkMap { get; set; }

    [Parameter]
    public DomainCpuMode CpuMode { get; set; } = DomainCpuMode.HostModel;

    /// <summary>Memory of the guest; that of its machine by default, else 4096.</summary>
    [Parameter]
    [ValidateRange(256, 16 * 1024 * 1024)]
    public int? MemoryMiB { get; set; }

    [Parameter]
    public SwitchParameter SecureBoot { get; set; }

    [Parameter]
    public SwitchParameter Tpm { get; set; }

    /// <summary>Make one file of each disk.</summary>
    [Parameter]
    public ConversionFormat? ConvertTo { get; set; }

    [Parameter]
    public ImageCompression Compression { get; set; }

    [Parameter]
    public SwitchParameter SkipFreeSpace { get; set; }

    /// <summary>Compare converted disks with their sources.</summary>
    [Parameter]
    public SwitchParameter Verify { get; set; }

    /// <summary>Boot both domains on trial.</summary>
    [Parameter]
    public SwitchParameter TestBoot { get; set; }

    [Parameter]
    public KvmBootStage BootUntil { get; set; } = KvmBootStage.Logon;

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SerialPattern { get; set; }

    [Parameter]
    [ValidateRange(1, 7 * 24 * 3600)]
    public int BootTimeoutSeconds { get; set; } = 900;

    [Parameter]
    [ValidateSet("Auto", "Kvm", "Tcg")]
    public string Accelerator { get; set; } = "Auto";

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? QemuPath { get; set; }

    /// <summary>How many machines are worked on at once.</summary>
    [Parameter]
    [ValidateRange(1, 256)]
    public int ThrottleLimit { get; set; } = 1;

    /// <summary>Bytes of memory that all of them may take together, boot tests included; all of the host's by default.</summary>
    [Parameter]
    [ValidateRange(512L * 1024 * 1024, long.MaxValue)]
    public long? MemoryLimit { get; set; }

    protected override void BeginProcessing() => OrTerminate(() =>
    {
        _host = new MigrationHost(MemoryLimit ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        _settings = Settings();
        if (DriverSource is not null)
        {
            // A wrong source is one error, not one for each machine.
            Drivers.DriverSource.Open(_settings.DriverSource!).Dispose();
        }
    });

    protected override void Process()
    {
        MigrationInput input = new(SessionState);
        switch (ParameterSetName)
        {
            case PathSet:
                Add(Path, path => input.FromPath(path, literal: false));
                break;
            case LiteralPathSet:
                Add(LiteralPath, path => input.FromPath(path, literal: true));
                break;
            default:
                Add([InputObject], input.From);
                break;
        }
    }

    /// <summary>Waits for the machines that are not done yet.</summary>
    protected override void EndProcessing() => Guard(null, () =>
    {
        while (_running > 0)
        {
            Pump(_posts.Take(StopToken));
        }
    });

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            // Reached with workers only when the pipeline was stopped.
            StopProcessing();
            Task.WaitAll([.. _workers]);
            _posts.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Add<T>(IEnumerable<T> inputs, Func<T, IReadOnlyList<MigrationSource>> read)
    {
        foreach (T input in inputs)
        {
            Guard(input, () =>
            {
                foreach (MigrationSource source in read(input))
                {
                    bool goAhead = AsksToProcess($"{source}", "Migrate to KVM", out bool rehearses);
                    if (goAhead || rehearses)
                    {
                        _waiting.Enqueue((++_count, source, rehearses));
                    }
                }
            });
        }

        StartWaiting();
        while (_posts.TryTake(out Action? post))
        {
            Pump(post);
        }
    }

    private void Pump(Action post)
    {
        post();
        StartWaiting();
    }

    private void StartWaiting()
    {
        while (_running < ThrottleLimit && _waiting.TryDequeue(out (int Number, MigrationSource Source, bool Preview) next))
        {
            _running++;
            PostedReporter reporter = new(_posts.Add, new NumberedReporter(this, next.Number));
            MigrationSettings settings = _settings with { Preview = next.Preview };
            Task<MigrationOutcome> work = Task.Factory.StartNew(
                () => KvmMigrator.Run(next.Source, settings, _host, reporter, StopToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            // A bug of ours is thrown there, where it is seen.
            _workers.Add(work.ContinueWith(
                ended => _posts.Add(() => Finish(next.Number, ended.GetAwaiter().GetResult())), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default));
            ShowOverall();
        }
    }

    private void Finish(int number, MigrationOutcome outcome)
    {
        _running--;
        _done++;
        WriteProgress(new ProgressRecord(number, $"Migrating {PlainText.Escape(outcome.Result.Name)}", $"{outcome.Result.State}") { ParentActivityId = 0, RecordType = ProgressRecordType.Completed });
        if (outcome.Fault is { } fault)
        {
            WriteError(ErrorRecords.From(fault, outcome.Result.SourcePath, outcome.Result.SourcePath));
        }

        WriteObject(outcome.Result);
        ShowOverall();
    }

    private void ShowOverall() => WriteProgress(new ProgressRecord(0, "Migrating to KVM", $"{_done} of {_count} machines are done")
    {
        PercentComplete = _done * 100 / _count,
        RecordType = _done == _count && _waiting.Count == 0 ? ProgressRecordType.Completed : ProgressRecordType.Processing,
    });

    private MigrationSettings Settings() => new()
    {
        Partition = Partition,
        DriverSource = DriverSource is null ? null : HostPath(DriverSource),
        Rules = DriverRuleFiles.Load(RuleFile.Select(HostPath)),
        Bus = Bus,
        AllowUnsignedDrivers = AllowUnsignedDriver,
        Devices = Device,
        RecoveryEnvironment = RecoveryEnvironment,
        NetworkPolicy = NetworkPolicy is null ? null : Enum.Parse<NetworkPolicy>(NetworkPolicy, ignoreCase: true),
        RemoveGhostAdapters = RemoveGhostAdapters,
        RemovedTools = RemoveGuestTool,
        FirstBootFiles = [.. FirstBootFile.Select(HostPath)],
        RepairBcd = RepairBcd,
        Domain = new DomainSettings
        {
            Kind = As,
            KvmFolder = KvmFolder,
            NetworkName = NetworkName,
            NetworkMap = NetworkMap?.ToTexts(),
            CpuMode = CpuMode,
            MemoryMiB = MemoryMiB,
            SecureBoot = IsGiven(nameof(SecureBoot)) ? SecureBoot.IsPresent : null,
            Tpm = IsGiven(nameof(Tpm)) ? Tpm.IsPresent : null,
        },
        Conversion = ConvertTo is { } format ? new ConversionSettings(format == ConversionFormat.Raw ? ImageFormat.Raw : ImageFormat.Qcow2, Compression) : null,
        SkipFreeSpace = SkipFreeSpace,
        Verify = Verify,
        BootTest = !TestBoot ? null : new MigrationBootTest
        {
            Until = BootUntil,
            SerialPattern = SerialPattern,
            Timeout = TimeSpan.FromSeconds(BootTimeoutSeconds),
            UseKvm = Accelerator == "Auto" ? null : Accelerator == "Kvm",
            QemuPath = QemuPath is null ? null : HostPath(QemuPath),
        },
        OutputDirectory = OutputDirectory is null ? null : HostPath(OutputDirectory),
        Resume = Resume,
        Force = Force,
    };

    private bool IsGiven(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);
}
