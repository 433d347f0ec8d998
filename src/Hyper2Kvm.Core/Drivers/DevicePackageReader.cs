using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Inf;

namespace Hyper2Kvm.Drivers;

/// <summary>Reads one package of a source for one guest, to be put where Windows' own PnP finds it. All names come from the INF.</summary>
internal sealed class DevicePackageReader
{
    /// <summary>Real packages have one or two, a dozen files, and some megabytes.</summary>
    private const int MostSections = 64;
    private const int MostFiles = 512;
    private const long MostBytes = 256L << 20;

    private readonly DriverSource _source;
    private readonly PackagePaths _paths;
    private readonly byte[] _content;
    private readonly WindowsLayout _layout;
    private readonly InfTarget _target;
    private readonly InfFile _inf;
    private readonly InfModel[] _models;

    private InfInstall[]? _installs;

    /// <param name="source">ISO or folder.</param>
    /// <param name="infPath">The INF within it, with forward slashes.</param>
    /// <param name="layout">The guest.</param>
    /// <exception cref="DiskFormatException">The INF is damaged.</exception>
    public DevicePackageReader(DriverSource source, string infPath, WindowsLayout layout)
    {
        _source = source;
        _paths = new PackagePaths(infPath);
        _layout = layout;
        _target = DriverPackageReader.TargetOf(layout.Windows);
        _content = source.OpenFile(infPath).ReadAll(DriverPackageReader.InfLimit, "InfTooLarge", infPath);
        _inf = InfFile.Parse(_content, $"'{infPath}' in '{source.Path}'");
        _models = _inf.Find("Manufacturer") is null
            ? [] // it serves no devices
            : [.. _inf.Models(_target).SelectMany(models => models.Models).Where(model => model.HardwareId.Length > 0)];
        Device = DeviceIds.DeviceOf(Ids);
    }

    /// <summary>By its hardware ids; Other where this Windows gets no models from it.</summary>
    public VirtioDevice Device { get; }

    /// <summary>All ids that the INF has for this Windows.</summary>
    public IEnumerable<string> Ids => _models.SelectMany(model => model.Ids);

    /// <summary>Setup class: Display, Net, System.</summary>
    public Guid ClassGuid => _inf.ClassGuid;

    public Version Version => Version.Parse(_inf.DriverVersion);

    /// <summary>It installs a driver of its own: not one that only gives the device a name.</summary>
    public bool HasService => Installs.Any(install => install.Services.Count > 0);

    /// <summary>The sections of all models, for a package is stored whole: vioinput has one for the device and one for its child.</summary>
    private InfInstall[] Installs => _installs ??= ReadInstalls();

    /// <param name="warnings">What a user should know is added here.</param>
    /// <exception cref="GuestStateException"><c>DriverPackageIncomplete</c>, <c>DriverArchitectureWrong</c>, <c>DriverPackageTooLarge</c>.</exception>
    /// <exception cref="DiskFormatException"><c>DriverBinaryDamaged</c>, or the INF is damaged.</exception>
    public PlannedPackage Read(List<string> warnings)
    {
        string? catalog = _inf.CatalogFile(_target);
        List<PlannedFile> files = ReadFiles(ref catalog, warnings);
        PackageSignatures signatures = new(_source, _paths, Installs, catalog, _content);
        CheckArchitecture(signatures.Architectures);
        DateTime now = DateTime.UtcNow;
        string name = Path.GetFileNameWithoutExtension(_paths.InfName).ToLowerInvariant();
        foreach (string warning in signatures.Files.SelectMany(file => SignatureRules.Warnings(_layout, file.Signatures, now)))
        {
            warnings.Add($"{name}: {warning}");
        }

        string infName = _paths.InfName.ToLowerInvariant();
        return new PlannedPackage
        {
            Name = name,
            Device = Device,
            Architecture = _layout.Windows.Architecture,
            Version = _inf.DriverVersion,
            Date = _inf.DriverDate,
            Provider = _inf.Provider,
            ClassName = _inf.ClassName,
            ClassGuid = _inf.ClassGuid,
            InfName = infName,
            CatalogName = catalog,
            SourceDirectory = _paths.Directory,
            PackageLabel = $"{infName}_{_target.Architecture}_{PackageHash.OfPackage(files)[..16]}",
            Files = files,
            Signatures = [.. signatures.Files.SelectMany(file => file.Signatures)],
            SignatureObstacle = signatures.Files
                .Select(file => SignatureRules.Obstacle(_layout, file.StartsAtBoot, file.Signatures, now)).FirstOrDefault(obstacle => obstacle is not null),
            Models = [.. _models.Select(model => new PlannedModel(model.HardwareId, model.CompatibleIds, model.Description))],
        };
    }

    /// <summary>The INF itself first, then the catalog, then what is copied, where it lies in the package.</summary>
    private List<PlannedFile> ReadFiles(ref string? catalog, List<string> warnings)
    {
        List<PlannedFile> files = [ReadFile(_paths.InfName) with { Name = _paths.InfName.ToLowerInvariant() }];
        if (catalog is not null && IsThere(catalog))
        {
            files.Add(ReadFile(catalog));
        }
        else
        {
            warnings.Add($"{_paths.InfName}: the package has no catalog in '{_paths.Directory}'; Windows takes it for unsigned. Get-VirtioDriver shows what else the source has.");
            catalog = null;
        }

        string[] names = [.. Installs.SelectMany(install => install.Files).Select(PackagePaths.NameOf).Distinct(StringComparer.OrdinalIgnoreCase)];
        string[] missing = [.. names.Where(name => !IsThere(name))];
        if (missing.Length > 0)
        {
            throw new GuestStateException(
                "DriverPackageIncomplete",
                _paths.Of(_paths.InfName),
                $"The package '{_paths.InfName}' in '{_paths.Directory}' of '{_source}' lacks files that its INF names: {string.Join(", ", missing.Take(MostFiles))}.",
                "The driver source is incomplete; take another one.");
        }

        string[] more = [.. names.Where(name => !files.Exists(file => file.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))];
        CheckSize(more);
        return [.. files, .. more.Select(ReadFile)];
    }

    private bool IsThere(string name) => _source.Find(_paths.Of(name)) is { IsDirectory: false };

    /// <summary>All of it is held in memory, and goes into the guest twice on some systems.</summary>
    private void CheckSize(string[] names)
    {
        if (names.Length > MostFiles || names.Sum(name => _source.Find(_paths.Of(name))!.Length) > MostBytes)
        {
            throw TooLarge($"{MostFiles} files or {MostBytes >> 20} MiB");
        }
    }

    private InfInstall[] ReadInstalls()
    {
        string[] sections = [.. _models.Select(model => model.InstallSection).Distinct(StringComparer.OrdinalIgnoreCase)];
        return sections.Length > MostSections
            ? throw TooLarge($"{MostSections} install sections")
            : [.. sections.Select(section => _inf.Install(section, _target))];
    }

    private GuestStateException TooLarge(string limit) => new(
        "DriverPackageTooLarge",
        _paths.Of(_paths.InfName),
        $"The package '{_paths.InfName}' in '{_paths.Directory}' of '{_source}' has more than {limit}: that is no driver of a VirtIO device.",
        "Take another driver source.");

    private PlannedFile ReadFile(string name)
    {
        string path = _paths.Of(name);
        IBlockDevice content = _source.OpenFile(path);
        return new PlannedFile(name, path, content.Length, PackageHash.OfFile(content));
    }

    private void CheckArchitecture(IReadOnlyList<GuestArchitecture> found)
    {
        GuestArchitecture architecture = _layout.Windows.Architecture;
        if (found.Any(other => other != architecture))
        {
            throw new GuestStateException(
                "DriverArchitectureWrong",
                _paths.Of(_paths.InfName),
                $"The package '{_paths.InfName}' in '{_paths.Directory}' of '{_source}' is not for {architecture}: its drivers are for {string.Join(", ", found)}.",
                "The driver source is damaged or mixed up; take another one.");
        }
    }
}
