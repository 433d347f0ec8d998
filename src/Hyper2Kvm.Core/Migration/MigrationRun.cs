using System.Diagnostics;
using System.Globalization;
using Hyper2Kvm.Booting;
using Hyper2Kvm.Conversion;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Domains;
using Hyper2Kvm.Drivers;
using Hyper2Kvm.Editing;
using Hyper2Kvm.Editing.Actions;
using Hyper2Kvm.Editing.Commit;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Images;
using Hyper2Kvm.Images.Conversion;

namespace Hyper2Kvm.Migration;

/// <summary>One run over one machine: the stages in their order, and what each leaves for the next.</summary>
internal sealed class MigrationRun(
    MigrationSource source, MigrationSettings settings, MigrationHost host, IReporter outside, CancellationToken token)
{
    private const string NoWindowsId = "WindowsNotFound";
    private const long MiB = 1024 * 1024;

    /// <summary>What an edit or a conversion takes at most, with what belongs to it.</summary>
    private const long WorkMemory = 320 * MiB;

    /// <summary>QEMU's own, besides that of the guest.</summary>
    private const long MachineMemory = 192 * MiB;

    private readonly MigrationReporter _reporter = new(outside, source.Name);
    private readonly DateTime _started = DateTime.UtcNow;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly List<KvmMigrationStage> _stages = [];
    private readonly List<KvmMigrationDecision> _decisions = [];
    private readonly List<GuestChange> _changes = [];
    private readonly List<DiskConversion> _conversions = [];
    private readonly List<KvmDomain> _domains = [];
    private readonly List<KvmBootResult> _boots = [];
    private readonly Stopwatch _stageWatch = Stopwatch.StartNew();
    private DateTime _stageStarted = DateTime.UtcNow;
    private KvmMigrationStep _step;
    private WindowsLayout? _layout;
    private MigrationFiles? _files;
    private IReadOnlyList<MigrationSourceFile> _sourceFiles = [];
    private MigrationDisk? _systemDisk;
    private IReadOnlyList<MigrationDisk> _dataDisks = [];
    private MigrationRecord? _left;
    private MigrationRecord? _earlier;
    private StorageBus _bus;
    private bool _isReady;
    private VirtioDriverPlan? _plan;
    private GuestEdit? _edit;
    private IReadOnlyList<BcdFinding> _findings = [];
    private string? _backup;
    private DomainFiles? _domainFiles;
    private bool _stateIsOurs;

    public MigrationOutcome Run()
    {
        try
        {
            using (host.TakeMemory(WorkMemory, source.Name, token))
            {
                Work();
            }

            BootTest();
            if (DidNothing && !settings.Preview)
            {
                if (_earlier?.IsComplete != true)
                {
                    // What failed then is not asked for any more.
                    Keep(isComplete: true);
                }

                return new MigrationOutcome(Result(KvmMigrationState.Unchanged, null), null);
            }

            Keep(isComplete: true);
            return new MigrationOutcome(Result(settings.Preview ? KvmMigrationState.Rehearsed : KvmMigrationState.Completed, null), null);
        }
        catch (Exception fault) when (HostFault.Covers(fault))
        {
            return Failed(fault);
        }
    }

    /// <summary>An inspection changes nothing.</summary>
    private bool DidNothing => _stages.All(stage => stage.State != KvmMigrationStageState.Done || stage.Step == KvmMigrationStep.Inspect);

    private void Work()
    {
        Do(KvmMigrationStep.Inspect, Inspect);
        bool copied = !CopiedFirst.Any() || IsDone(KvmMigrationStep.Copy, CopiedFirst.Select(disk => disk.Target));
        bool isFixed = copied && IsDone(KvmMigrationStep.Fix, [_files!.Overlay]);
        Plan(isFixed);
        CopyFirst(copied);
        Fix(isFixed);
        Backup(isFixed);
        Domains(isFixed);
        Convert(isFixed);
    }

    // ---- Inspect

    private string Inspect()
    {
        WindowsLayout layout = Probe();
        _layout = layout;
        _files = MigrationFiles.For(layout, settings.OutputDirectory);
        host.Claim(_files, $"{source}");
        Decide(layout);
        EditGuard.Check(layout);
        FindDisks(layout);
        ReadState(layout);
        return $"{layout.Windows} on {layout.Firmware}, {(layout.DataDisks.Count == 0 ? "no" : layout.DataDisks.Count)} data disks";
    }

    private WindowsLayout Probe()
    {
        if (source.Layout is { } known)
        {
            return known;
        }

        try
        {
            return source.Machine is { } machine
                ? MachineProbe.Probe(machine, settings.Partition, _reporter)
                : LayoutProbe.Probe(source.ImagePath!, settings.Partition, _reporter);
        }
        catch (GuestItemNotFoundException fault) when (fault.ErrorId == NoWindowsId)
        {
            _decisions.Add(new KvmMigrationDecision("Windows detected?", "No", "Use a Linux pipeline; there is nothing to do here."));
            throw;
        }
    }

    private void Decide(WindowsLayout layout)
    {
        _decisions.Add(new KvmMigrationDecision("Windows detected?", "Yes", $"{layout.Windows}"));
        _decisions.Add(layout.Firmware == FirmwareMode.Uefi
            ? new KvmMigrationDecision("Firmware?", "UEFI", "Preserved: OVMF with an NVRAM of its own.")
            : new KvmMigrationDecision("Firmware?", "BIOS", "Preserved: SeaBIOS."));
        StorageBus[] ready = [.. Enum.GetValues<StorageBus>().Where(bus => layout.IsVirtioBootReady && IsReady(layout, bus))];
        _bus = settings.Bus ?? (ready.Length > 0 ? ready[0] : StorageBus.VirtioBlk);
        _isReady = ready.Contains(_bus);
        _decisions.Add(_isReady
            ? new KvmMigrationDecision("VirtIO boot-ready?", $"Yes ({Drivers})", "Nothing is injected. The bootstrap boot is optional, still recommended.")
            : new KvmMigrationDecision("VirtIO boot-ready?", "No", "Inject the boot-start storage drivers and bind their devices; then the bootstrap boot."));
    }

    private string Drivers => string.Join(", ", _layout!.BootReadyDrivers);

    private bool IsReady(WindowsLayout layout, StorageBus bus) =>
        VirtioReadinessReader.Test(layout.ImagePath, layout.WindowsPartition.Number, bus, null, _reporter).IsReady;

    private void FindDisks(WindowsLayout layout)
    {
        ImageFormat format = settings.Conversion?.Format ?? ImageFormat.Qcow2;
        List<string> files;
        using (DiskImage image = ImageDetector.Open(layout.ImagePath))
        {
            files = [.. image.Files];
            _systemDisk = new MigrationDisk(layout.ImagePath, _files!.Copy(format), format, MachineDisk.ObstacleOf(image));
        }

        _dataDisks = [.. layout.DataDisks.Select((disk, index) =>
            new MigrationDisk(disk.ImagePath, _files.DataDisk(index + 1, format), format, disk.Obstacle))];
        if (_dataDisks.Any(IsCopied))
        {
            foreach (DataDisk disk in layout.DataDisks)
            {
                using DiskImage image = ImageDetector.Open(disk.ImagePath);
                files.AddRange(image.Files);
            }
        }

        _sourceFiles = [.. files.Distinct().Where(file => file != _files.Overlay).Select(MigrationSourceFile.Of)];
    }

    private IEnumerable<MigrationDisk> CopiedFirst => ((MigrationDisk[])[_systemDisk!, .. _dataDisks]).Where(disk => disk.IsCopiedFirst);

    private bool IsCopied(MigrationDisk disk) => disk.IsCopiedFirst || settings.Conversion is not null;

    /// <summary>A state that does not fit is refused before anything is written: an overlay on a source that has changed is lost.</summary>
    private void ReadState(WindowsLayout layout)
    {
        if (settings.Preview || settings.Force)
        {
            _stateIsOurs = !settings.Preview;
            return;
        }

        _left = MigrationStateFile.Read(_files!.State);
        if (_left is not null && _left.SourcePath != layout.ImagePath)
        {
            throw new GuestStateException(
                "MigrationStateForeign", _files.State, $"'{_files.State}' tells of another migration, that of '{_left.SourcePath}'.",
                "Give another -OutputDirectory; -Force begins anew and replaces its results.");
        }

        if (_left is not null && !_left.SourceFiles.SequenceEqual(_sourceFiles) && File.Exists(_files.Overlay))
        {
            throw new GuestStateException(
                "MigrationSourceChanged", layout.ImagePath,
                $"'{layout.ImagePath}', or a file that it consists of, was changed since it was migrated: '{_files.Overlay}' does not fit it any more.",
                "If the source was started on purpose, begin anew with -Force; all that was written to the overlay since is lost then.");
        }

        _stateIsOurs = true;
        _earlier = _left is not null && (_left.IsComplete || settings.Resume) && _left.SourceFiles.SequenceEqual(_sourceFiles) ? _left : null;
    }

    // ---- Plan and Copy

    private void Plan(bool isFixed)
    {
        if (_isReady)
        {
            Skip(KvmMigrationStep.Plan, $"The guest is boot-ready ({Drivers}): no drivers are added.");
        }
        else if (isFixed)
        {
            Repeat(KvmMigrationStep.Plan);
        }
        else
        {
            Do(KvmMigrationStep.Plan, ChooseDrivers);
        }
    }

    private string ChooseDrivers()
    {
        if (settings.DriverSource is null || settings.Rules is null)
        {
            throw new GuestStateException(
                "DriverSourceMissing", _layout!.ImagePath, $"'{_layout.ImagePath}' is not boot-ready for VirtIO, and no drivers were given.",
                "Give virtio-win.iso with -DriverSource.");
        }

        using DriverSource drivers = DriverSource.Open(settings.DriverSource);
        _plan = DriverPlanner.Plan(_layout!, _layout!.ImagePath, drivers, settings.Rules, _bus, settings.AllowUnsignedDrivers, _reporter);
        return $"{_plan.MatchedRule}: {string.Join(", ", _plan.Storage)}";
    }

    private void CopyFirst(bool isDone)
    {
        if (!CopiedFirst.Any())
        {
            Skip(KvmMigrationStep.Copy, "The disks can be used where they are.");
        }
        else if (isDone)
        {
            Repeat(KvmMigrationStep.Copy);
        }
        else
        {
            Do(KvmMigrationStep.Copy, () => Copy(CopiedFirst));
        }
    }

    private string Copy(IEnumerable<MigrationDisk> disks)
    {
        List<string> made = [];
        foreach (MigrationDisk disk in disks)
        {
            if (disk.Obstacle is not null)
            {
                _reporter.Verbose($"'{disk.Source}' is copied first, because {disk.Obstacle}.");
            }

            _conversions.Add(DiskConverter.Run(
                new DiskConversionRequest
                {
                    ImagePath = disk.Source,
                    Destination = disk.Target,
                    Settings = settings.Conversion ?? new ConversionSettings(ImageFormat.Qcow2),
                    SkipFreeSpace = settings.SkipFreeSpace,
                    Verify = settings.Verify,
                    Resume = settings.Resume,
                    KeepsPartial = true,
                    WillMakeFolder = true,
                    Force = settings.Force || _left?.Conversions.Any(conversion => conversion.Destination == disk.Target) == true,
                    Preview = settings.Preview,
                    Layout = _layout,
                    Plan = _plan,
                },
                _reporter,
                token));
            made.Add($"'{disk.Target}'");
        }

        return string.Join(", ", made);
    }

    // ---- Fix and Backup

    /// <summary>The disk to edit: in a rehearsal the source stands for its copy.</summary>
    private string WorkImage => _systemDisk!.IsCopiedFirst && !settings.Preview ? _systemDisk.Target : _systemDisk.Source;

    private void Fix(bool isDone)
    {
        if (!isDone)
        {
            Do(KvmMigrationStep.Fix, EditGuest);
            return;
        }

        Repeat(KvmMigrationStep.Fix);
        _changes.AddRange(_earlier!.Changes);
        _edit = new GuestEdit
        {
            Layout = _layout!,
            ImagePath = _files!.Overlay,
            SourcePath = WorkImage,
            Mode = EditMode.Overlay,
            Actions = [],
            Changes = _earlier.Changes,
            BytesChanged = _earlier.BytesChanged,
            Undo = UndoCommand,
            LogPath = ChangeLog.PathFor(_files.Overlay),
            Duration = _stages[^1].Duration,
        };
    }

    private string UndoCommand => $"Undo-GuestEdit -LiteralPath '{_files!.Overlay.Replace("'", "''", StringComparison.Ordinal)}'";

    private string EditGuest()
    {
        _edit = GuestEditor.Run(
            new GuestEditRequest
            {
                Layout = _layout!,
                Plan = _plan,
                ImagePath = WorkImage,
                Actions = Actions(),
                Destination = _files!.Overlay,
                Force = settings.Force,
                StandsForCopy = _systemDisk!.IsCopiedFirst,
                Preview = settings.Preview,
            },
            _reporter,
            token);
        _changes.AddRange(_edit.Changes);
        int count = _edit.Changes.Count(change => change.Kind != GuestChangeKind.Unchanged);
        return string.Create(CultureInfo.InvariantCulture, $"{count} changes ({string.Join(", ", _edit.Steps)}) in '{_files.Overlay}'");
    }

    private List<EditAction> Actions()
    {
        List<EditAction> actions = _plan is null
            ? [new BootstrapControllersAction()]
            : [.. EditSteps.AddBootStartStorage(_plan), .. EditSteps.SetCriticalDeviceDatabase(_plan)];
        if (settings.NetworkPolicy is not null || settings.RemoveGhostAdapters)
        {
            NetworkPlan network = NetworkPlanner.Plan(WindowsNetworkReader.Read(_layout!, null, WorkImage, _reporter), new NetworkRequest
            {
                Policy = settings.NetworkPolicy,
                RemoveGhostAdapters = settings.RemoveGhostAdapters,
                MacAddresses = [.. (_layout!.Machine?.Nics ?? []).Select(nic => nic.MacAddress).OfType<string>()],
            });
            network.Warnings.ToList().ForEach(_reporter.Warning);
            actions.AddRange(network.Actions);
        }

        actions.AddRange(EditSteps.RemoveGuestTool(settings.RemovedTools));
        actions.AddRange(settings.FirstBootFiles.SelectMany(file => EditSteps.AddFirstBootAction(FirstBoot.FromFile(file, null, null, [], restartAfter: false))));
        return actions;
    }

    private void Backup(bool isFixed)
    {
        if (_layout!.BcdPath is null)
        {
            if (!_layout.DataDisks.Any(disk => disk.IsBootDisk))
            {
                _reporter.Warning("No boot store was found on its disks, so it may not start: Test-Bcd tells more.");
            }

            Skip(KvmMigrationStep.Backup, "The disk of Windows has no boot store.");
        }
        else if (isFixed && IsDone(KvmMigrationStep.Backup, _earlier!.BackupPath is { } path ? [path] : []))
        {
            Repeat(KvmMigrationStep.Backup);
            _backup = _earlier.BackupPath;
            _findings = _earlier.Findings;
        }
        else
        {
            Do(KvmMigrationStep.Backup, JudgeBootStore);
        }
    }

    private string JudgeBootStore()
    {
        string image = settings.Preview ? WorkImage : _files!.Overlay;
        BcdBackup backup = BcdBackupWriter.Save(
            new BcdBackupRequest { Layout = _layout!, Plan = _plan, ImagePath = image, OutputDirectory = _files!.Folder, Preview = settings.Preview },
            _reporter);
        _backup = backup.BackupPath;
        BcdTest test = BcdReader.Test(image, _layout!.WindowsPartition.Number, null, _reporter);
        _findings = test.Findings;
        bool repairs = !test.IsBootable && settings.RepairBcd;
        if (repairs)
        {
            RepairBootStore(image);
        }

        foreach (BcdFinding finding in _findings.Where(finding => finding.Severity == FindingSeverity.Error))
        {
            string hint = finding.IsRepairable && !settings.RepairBcd ? " -RepairBcd puts it right." : "";
            _reporter.Warning($"{finding.Id}: {finding.Message} {finding.Remedy}".TrimEnd() + hint);
        }

        string copy = _backup is null ? $"'{backup.StorePath}'" : $"'{backup.StorePath}' copied to '{_backup}'";
        return copy + (repairs ? ", repaired" : "") + (_findings.Any(finding => finding.Severity == FindingSeverity.Error) ? ", not sound" : ", sound");
    }

    private void RepairBootStore(string image)
    {
        GuestEdit repair = GuestEditor.Run(
            new GuestEditRequest
            {
                Layout = _layout!,
                Plan = _plan,
                ImagePath = image,
                Actions = BcdRepairer.Plan(image, _layout!, _reporter),
                RehearsedActions = settings.Preview ? _edit!.Actions : [],
                Destination = _files!.Overlay,
                StandsForCopy = _systemDisk!.IsCopiedFirst,
                Preview = settings.Preview,
            },
            _reporter,
            token);
        _changes.AddRange(repair.Changes);
        if (!settings.Preview)
        {
            _findings = BcdReader.Test(image, _layout!.WindowsPartition.Number, null, _reporter).Findings;
        }
    }

    // ---- Domains and Convert

    /// <summary>What the domains start from: the one file of the disk where one is asked for, else the overlay.</summary>
    private string FinalImage =>
        settings.Conversion is { } conversion && !_systemDisk!.IsCopiedFirst ? _files!.Converted(conversion.Format) : _files!.Overlay;

    private void Domains(bool isFixed)
    {
        Enter(KvmMigrationStep.Domains);
        _domainFiles = new DomainFiles(DomainLayout(), _plan, FinalImage, _files!.Folder, DomainSettings(settings.Domain.KvmFolder), _reporter);
        IReadOnlyList<DomainPhase> phases = [.. settings.Domain.Phases.Distinct()];
        IEnumerable<string> files = phases.Select(_domainFiles.PathOf).Concat(phases.Any(_domainFiles.HasDummyDisk) ? [_domainFiles.DummyDisk] : []);
        if (isFixed && IsDone(KvmMigrationStep.Domains, files))
        {
            Repeat(KvmMigrationStep.Domains);
            _domains.AddRange(phases.Select(_domainFiles.Load));
            return;
        }

        Do(KvmMigrationStep.Domains, () =>
        {
            if (phases.Contains(DomainPhase.Final))
            {
                _domainFiles.CheckReady(settings.Preview ? WorkImage : _files.Overlay, allowsNotReady: false, settings.Preview);
            }

            _domains.AddRange(phases.Select(phase => _domainFiles.Make(phase, writes: !settings.Preview)));
            return string.Join(", ", phases.Select(phase => $"'{_domainFiles.PathOf(phase)}'"));
        });
    }

    private DomainSettings DomainSettings(string? kvmFolder) => settings.Domain with
    {
        Bus = _bus,
        ImageFormat = FinalImage == _files!.Overlay ? ImageFormat.Qcow2 : settings.Conversion!.Format,
        DriverIso = settings.Domain.DriverIso ?? (File.Exists(settings.DriverSource) ? settings.DriverSource : null),
        KvmFolder = kvmFolder,
        Force = settings.Force,
    };

    /// <summary>The guest as it is after the edit, with its data disks where they will be.</summary>
    private WindowsLayout DomainLayout() => _edit!.Layout with
    {
        DataDisks = [.. _layout!.DataDisks.Select((disk, index) => IsCopied(_dataDisks[index])
            ? disk with { ImagePath = _dataDisks[index].Target, Format = _dataDisks[index].Format, Obstacle = null }
            : disk)],
    };

    private void Convert(bool isFixed)
    {
        if (settings.Conversion is not { } conversion)
        {
            return;
        }

        // In a rehearsal there is no overlay yet: the source stands for it.
        MigrationDisk system = new(settings.Preview ? _systemDisk!.Source : _files!.Overlay, _files!.Converted(conversion.Format), conversion.Format, null);
        MigrationDisk[] disks = [.. _systemDisk!.IsCopiedFirst ? [] : (MigrationDisk[])[system], .. _dataDisks.Where(disk => !disk.IsCopiedFirst)];
        if (disks.Length == 0)
        {
            Skip(KvmMigrationStep.Convert, "All disks have been copied before the edit, which is an overlay on its copy.");
        }
        else if (isFixed && IsDone(KvmMigrationStep.Convert, disks.Select(disk => disk.Target)))
        {
            Repeat(KvmMigrationStep.Convert);
        }
        else
        {
            Do(KvmMigrationStep.Convert, () => Copy(disks));
        }
    }

    // ---- BootTest

    private void BootTest()
    {
        if (settings.BootTest is not { } test)
        {
            return;
        }

        if (settings.Preview)
        {
            Skip(KvmMigrationStep.BootTest, "A rehearsal leaves nothing that could be booted.");
            return;
        }

        if (DidNothing && IsDone(KvmMigrationStep.BootTest, []))
        {
            Repeat(KvmMigrationStep.BootTest);
            _boots.AddRange(_earlier!.Boots);
            return;
        }

        Enter(KvmMigrationStep.BootTest);
        long memory = (_domainFiles!.MemoryMiB * MiB) + MachineMemory;
        using (host.TakeMemory(memory, _reporter.Name, token))
        {
            Do(KvmMigrationStep.BootTest, () => Boot(test));
        }
    }

    private string Boot(MigrationBootTest test)
    {
        // The disks are here, wherever they will lie on the KVM host.
        DomainFiles here = new(DomainLayout(), _plan, FinalImage, _files!.Folder, DomainSettings(null), SilentReporter.Instance);
        foreach (KvmDomain domain in _domains)
        {
            KvmBootResult boot = KvmBootTester.Run(
                new KvmBootRequest
                {
                    Xml = settings.Domain.KvmFolder is null ? domain.Xml : here.Make(domain.Phase, writes: false).Xml,
                    Domain = domain,
                    Until = test.Until,
                    SerialPattern = test.SerialPattern,
                    Timeout = test.Timeout,
                    UseKvm = test.UseKvm,
                    QemuPath = test.QemuPath,
                    OutputDirectory = _files.Folder,
                },
                _reporter,
                token);
            _boots.Add(boot);
            if (!boot.IsSuccess)
            {
                throw new GuestStateException(
                    "BootNotReached", domain.Name, $"The {domain.Phase} domain of '{domain.Name}' came to {boot.Reached} only: {boot.Outcome}. {boot.Cause}".TrimEnd(),
                    boot.Remedy ?? "Look at the screenshots.");
            }
        }

        return string.Join(", ", _boots.Select(boot => string.Create(
            CultureInfo.InvariantCulture, $"{boot.Phase} reached {boot.Reached} in {boot.Duration.TotalSeconds:0} s ({boot.Accelerator})")));
    }

    // ---- What all stages share

    private void Do(KvmMigrationStep step, Func<string> work)
    {
        token.ThrowIfCancellationRequested();
        Enter(step);
        _reporter.Begin(step);
        if (!settings.Preview && step > KvmMigrationStep.Plan)
        {
            AtomicFile.CreateFolder(_files!.Folder);
        }

        string detail = work();
        _stages.Add(Stage(KvmMigrationStageState.Done, detail) with { Settings = settings.HashFor(step) });
        _reporter.Verbose($"{step}: {detail}");
        if (step != KvmMigrationStep.Inspect)
        {
            Keep(isComplete: false);
        }
    }

    /// <summary>Whatever fails from here on belongs to this stage.</summary>
    private void Enter(KvmMigrationStep step)
    {
        _step = step;
        _stageStarted = DateTime.UtcNow;
        _stageWatch.Restart();
    }

    private KvmMigrationStage Stage(KvmMigrationStageState state, string detail) => new(_step, state, _stageStarted, _stageWatch.Elapsed, detail);

    private void Skip(KvmMigrationStep step, string why)
    {
        Enter(step);
        _stages.Add(Stage(KvmMigrationStageState.Skipped, why) with { Settings = settings.HashFor(step) });
        _reporter.Verbose($"{step}: {why}");
    }

    /// <summary>An earlier run did it with the same settings, and its files are still there.</summary>
    private bool IsDone(KvmMigrationStep step, IEnumerable<string> files) =>
        _earlier?.Stages.LastOrDefault(stage => stage.Step == step) is { State: not KvmMigrationStageState.Failed } stage
        && stage.Settings == settings.HashFor(step) && files.All(File.Exists);

    private void Repeat(KvmMigrationStep step)
    {
        KvmMigrationStage stage = _earlier!.Stages.Last(stage => stage.Step == step);
        _stages.Add(stage.State == KvmMigrationStageState.Skipped ? stage : stage with { State = KvmMigrationStageState.DoneBefore });
        _reporter.Verbose($"{step}: done before.");
        IEnumerable<MigrationDisk> disks = step switch
        {
            KvmMigrationStep.Copy => CopiedFirst,
            KvmMigrationStep.Convert => ((MigrationDisk[])[_systemDisk! with { Target = FinalImage }, .. _dataDisks]).Where(disk => !disk.IsCopiedFirst),
            _ => [],
        };
        _conversions.AddRange(_earlier.Conversions.Where(conversion => disks.Any(disk => disk.Target == conversion.Destination)));
    }

    /// <summary>The state of things goes to the disk: a run that is interrupted after this can be gone on with.</summary>
    private void Keep(bool isComplete)
    {
        if (!_stateIsOurs || !Directory.Exists(_files!.Folder))
        {
            return;
        }

        MigrationStateFile.Write(_files!.State, new MigrationRecord
        {
            IsComplete = isComplete,
            SourcePath = _layout!.ImagePath,
            SourceFiles = _sourceFiles,
            Stages = _stages,
            Changes = _changes,
            BytesChanged = _edit?.BytesChanged ?? 0,
            BackupPath = _backup,
            Findings = _findings,
            Conversions = _conversions,
            Boots = _boots,
            Warnings = Warnings,
        });
    }

    private IReadOnlyList<string> Warnings => [.. (_earlier?.Warnings ?? []).Concat(_reporter.Warnings).Distinct()];

    private MigrationOutcome Failed(Exception fault)
    {
        bool isNone = fault is GuestItemNotFoundException { ErrorId: NoWindowsId };
        if (_stages.Count == 0 || _stages[^1].Step != _step)
        {
            _stages.Add(Stage(KvmMigrationStageState.Failed, fault.Message));
        }

        try
        {
            Keep(isComplete: false);
        }
        catch (Exception second) when (HostFault.Covers(second))
        {
            // The first error is the one that counts; the same disk may be full.
            _reporter.Warning($"What was done cannot be kept in '{_files!.State}': {second.Message}");
        }

        return new MigrationOutcome(Result(isNone ? KvmMigrationState.NoWindows : KvmMigrationState.Failed, fault), fault);
    }

    private KvmMigration Result(KvmMigrationState state, Exception? fault)
    {
        KvmMigration result = new()
        {
            Name = _domainFiles?.Name ?? _reporter.Name,
            State = state,
            SourcePath = _layout?.ImagePath ?? $"{source}",
            ImagePath = _domains.Count > 0 ? FinalImage : null,
            Stages = _stages.ToArray(),
            Decisions = _decisions.ToArray(),
            Layout = _layout,
            Plan = _plan,
            Edit = _edit,
            Changes = _changes.ToArray(),
            BackupPath = _backup,
            Findings = _findings,
            Domains = _domains.ToArray(),
            Conversions = _conversions.ToArray(),
            Boots = _boots.ToArray(),
            Warnings = (_layout?.Warnings ?? []).Concat(Warnings).Distinct().ToArray(),
            NextSteps = [],
            Undo = _edit is null || settings.Preview ? null : UndoCommand,
            StatePath = _stateIsOurs ? _files?.State : null,
            ErrorId = fault is null ? null : (fault as Hyper2KvmException)?.ErrorId ?? HostFault.Of(fault).Id,
            Error = fault?.Message,
            Started = _started,
            Duration = _watch.Elapsed,
        };
        return result with { NextSteps = MigrationAdvice.For(result).ToArray() };
    }
}
