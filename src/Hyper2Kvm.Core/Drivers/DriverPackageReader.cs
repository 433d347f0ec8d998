using System.Globalization;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Inf;

namespace Hyper2Kvm.Drivers;

/// <summary>Reads one package and holds it against the rules: a wrong boot driver is worse than none.</summary>
internal sealed class DriverPackageReader(DriverSource source, DriverLocation location, WindowsLayout layout)
{
    internal const int InfLimit = 4 << 20;
    private const int BootStart = 0;
    private const int KernelDriver = 1;

    private readonly DriverDefinition _driver = location.Driver;
    private readonly InfTarget _target = TargetOf(layout.Windows);

    private readonly PackageFindings _findings = new();

    /// <summary>Complete once <see cref="Read"/> has returned.</summary>
    public IReadOnlyList<string> Warnings => _findings.Warnings;

    /// <exception cref="GuestStateException"><c>InfContradictsRules</c>.</exception>
    /// <exception cref="UnsupportedFeatureException"><c>InfRenamedBinary</c>, <c>InfSourceSubdirectory</c>.</exception>
    public PlannedDriver Read()
    {
        byte[] bytes = source.OpenFile(PathOf(_driver.Inf)).ReadAll(InfLimit, "InfTooLarge", PathOf(_driver.Inf));
        InfFile inf = InfFile.Parse(bytes, $"'{PathOf(_driver.Inf)}' in '{source.Path}'");
        _findings.Expect(inf.ClassGuid == _driver.ClassGuid, $"class {_driver.ClassGuid:B}", $"{inf.ClassGuid:B} ({inf.ClassName})");
        (InfModels models, string section) = ChooseModels(inf);
        InfInstall install = inf.Install(section, _target);
        InfService service = ChooseService(install);
        DriverFilesReader reader = new(source, location, bytes, layout.Windows.Architecture, _findings);
        List<PlannedFile> files = reader.Read(inf.CatalogFile(_target), install, service);
        if (_findings.Contradictions.Count > 0)
        {
            throw Contradicted();
        }

        Warn(inf, install, models);
        DateTime now = DateTime.UtcNow;
        _findings.Warnings.AddRange(SignatureRules.Warnings(layout, reader.Signatures, now).Select(warning => $"{_driver}: {warning}"));
        InfModel[] taken = [.. models.Models.Where(model => SameName(model.InstallSection, section))];
        string infName = _driver.Inf.ToLowerInvariant();
        return new PlannedDriver
        {
            Name = _driver.Name,
            Role = _driver.Role,
            Architecture = layout.Windows.Architecture,
            Version = inf.DriverVersion,
            Date = inf.DriverDate,
            Provider = inf.Provider,
            ClassName = inf.ClassName,
            ClassGuid = inf.ClassGuid,
            InfName = infName,
            CatalogName = inf.CatalogFile(_target) is { } catalog && files.Any(file => SameName(file.Name, catalog)) ? catalog : null,
            SourceDirectory = location.Directory,
            PackageLabel = $"{infName}_{_target.Architecture}_{PackageHash.OfPackage(files)[..16]}",
            Files = files,
            Signatures = reader.Signatures,
            SignatureObstacle = SignatureRules.Obstacle(layout, service.StartType == BootStart, reader.Signatures, now),
            Service = ToPlanned(service),
            InstallSection = install.Section,
            Manufacturer = models.Manufacturer,
            PnpLockdown = inf.PnpLockdown,
            Models = [.. taken.Select(model => new PlannedModel(model.HardwareId, model.CompatibleIds, model.Description))],
            DeviceRegistry = ToPlanned(install.DeviceRegistry),
            Strings = StringsOf(inf, taken.Select(model => model.Description).Prepend(models.Manufacturer)),
        };
    }

    /// <summary>The Windows for which an INF is read.</summary>
    internal static InfTarget TargetOf(WindowsVersion windows) => new(
        ArchitectureName(windows.Architecture), windows.Major, windows.Minor, windows.Build, windows.IsServer ? 3 : 1);

    private static string ArchitectureName(GuestArchitecture architecture) => architecture switch
    {
        GuestArchitecture.X86 => "x86",
        GuestArchitecture.X64 => "amd64",
        _ => "arm64",
    };

    private static bool SameName(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private string PathOf(string name) => $"{location.Directory}/{name}";

    private GuestStateException Contradicted() => new(
        "InfContradictsRules",
        PathOf(_driver.Inf),
        $"The package in '{location.Directory}' of '{source}' is not the driver '{_driver}' for {layout.Windows}: {string.Join("; ", _findings.Contradictions)}.",
        "The driver source is damaged or mixed up; take another one, or correct the rules.");

    private (InfModels Models, string Section) ChooseModels(InfFile inf)
    {
        IReadOnlyList<InfModels> all = inf.Models(_target);
        foreach (InfModels models in all)
        {
            string[] sections = [.. models.Models.Where(ServesAny).Select(model => model.InstallSection).Distinct(StringComparer.OrdinalIgnoreCase)];
            if (sections.Length > 0)
            {
                _findings.Expect(sections.Length == 1, "one install section for all devices", string.Join(", ", sections));
                return (models, sections[0]);
            }
        }

        string[] ids = [.. all.SelectMany(models => models.Models).SelectMany(model => model.Ids)];
        string decorations = string.Join(", ", inf.Find("Manufacturer")!.Lines.SelectMany(line => line.Values));
        _findings.Expect(
            false,
            $"a model for {string.Join(" or ", _driver.Ids)} on {_target}",
            ids.Length == 0 ? $"none for this Windows (the INF has {decorations})" : string.Join(", ", ids));
        throw Contradicted();
    }

    private bool ServesAny(InfModel model) => _driver.Ids.Any(id => model.Ids.Any(candidate => Serves(candidate, id)));

    /// <summary>An id serves a device when it is the rule's or a narrower form of it.</summary>
    private static bool Serves(string candidate, string id) =>
        SameName(candidate, id) || candidate.StartsWith(id + "&", StringComparison.OrdinalIgnoreCase);

    private InfService ChooseService(InfInstall install)
    {
        InfService[] services = [.. install.Services.Where(service => (service.Flags & InfService.AssociatedService) != 0)];
        _findings.Expect(
            services.Length == 1 && SameName(services[0].Name, _driver.Service),
            $"service '{_driver.Service}'",
            services.Length == 0 ? "none" : string.Join(", ", services.Select(service => $"'{service.Name}'")));
        if (services.Length == 0)
        {
            throw Contradicted();
        }

        InfService chosen = services[0];
        _findings.Expect(chosen.StartType == BootStart, "StartType 0 (boot)", chosen.StartType.ToString(CultureInfo.InvariantCulture));
        _findings.Expect(chosen.ServiceType == KernelDriver, "ServiceType 1 (kernel driver)", chosen.ServiceType.ToString(CultureInfo.InvariantCulture));
        _findings.Expect(
            chosen.BinaryDirectoryId is 12 or 13 && !chosen.BinaryPath.Contains('\\', StringComparison.Ordinal),
            "a driver in directory 12 or 13",
            $@"%{chosen.BinaryDirectoryId}%\{chosen.BinaryPath}");
        foreach (InfService more in install.Services.Where(service => !services.Contains(service)))
        {
            _findings.Warnings.Add($"{_driver}: the INF also installs the service '{more.Name}', which is left to Windows.");
        }

        return chosen;
    }

    private void Warn(InfFile inf, InfInstall install, InfModels models)
    {
        string[] unserved = [.. _driver.Ids.Where(id => !models.Models.SelectMany(model => model.Ids).Any(candidate => Serves(candidate, id)))];
        if (unserved.Length > 0)
        {
            _findings.Warnings.Add($"{_driver} {inf.DriverVersion} does not serve {string.Join(", ", unserved)}: give the guest transitional VirtIO devices.");
        }

        if (install.Needs.Count > 0)
        {
            _findings.Warnings.Add($"{_driver}: the INF needs sections of Windows' own INFs ({string.Join(", ", install.Needs)}), which are left to Windows.");
        }
    }

    private PlannedService ToPlanned(InfService service) => new()
    {
        Name = service.Name,
        DisplayName = service.DisplayName,
        DisplayNameToken = service.DisplayNameToken,
        Type = service.ServiceType,
        Start = service.StartType,
        ErrorControl = service.ErrorControl,
        Group = service.LoadOrderGroup,
        BinaryName = service.BinaryPath,
        BinaryDirId = service.BinaryDirectoryId,
        Registry = ToPlanned(service.Registry),
        EventLogName = service.EventLogName,
        EventLogRegistry = ToPlanned(service.EventLogRegistry),
    };

    /// <summary>Values relative to the key at hand. What deletes or only changes existing ones has nothing to do on a fresh key.</summary>
    private List<PlannedRegistryValue> ToPlanned(IReadOnlyList<InfRegistryValue> values)
    {
        foreach (InfRegistryValue value in values.Where(value => value.Root != "HKR"))
        {
            _findings.Warnings.Add($@"{_driver}: the INF also writes {value.Root}\{value.Key}, which is left to Windows.");
        }

        return [.. values.Where(value => value is { Root: "HKR", NeedsExistingValue: false })
            .Select(value => new PlannedRegistryValue(value.Key, value.Name, value.Type, value.Data))];
    }

    private static Dictionary<string, string> StringsOf(InfFile inf, IEnumerable<string> texts)
    {
        Dictionary<string, string> strings = [];
        foreach (string token in texts.SelectMany(inf.TokensOf))
        {
            strings[token.ToLowerInvariant()] = inf.Strings[token];
        }

        return strings;
    }
}
