using System.Globalization;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.Inf;
using Hyper2Kvm.Signatures;

namespace Hyper2Kvm.Drivers;

/// <summary>Reads one package of a source for one guest, to be put where Windows' own PnP finds it. All names come from the INF.</summary>
internal sealed class DevicePackageReader
{
    private const int InfLimit = 4 << 20;
    private const int KernelDriver = 1;

    private readonly DriverSource _source;
    private readonly string _directory;
    private readonly string _infName;
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
        int slash = infPath.LastIndexOf('/');
        _directory = slash < 0 ? "" : infPath[..slash];
        _infName = infPath[(slash + 1)..];
        _layout = layout;
        _target = DriverPackageReader.TargetOf(layout.Windows);
        _inf = InfFile.Parse(source.OpenFile(infPath).ReadAll(InfLimit, "InfTooLarge", infPath), $"'{infPath}' in '{source.Path}'");
        _models = _inf.Find("Manufacturer") is null
            ? [] // it serves no devices
            : [.. _inf.Models(_target).SelectMany(models => models.Models).Where(model => model.HardwareId.Length > 0)];
        Device = DeviceIds.DeviceOf(Ids);
    }

    /// <summary>By its hardware ids; Other where this Windows gets no models from it.</summary>
    public VirtioDevice Device { get; }

    /// <summary>All ids that the INF has for this Windows.</summary>
    public IEnumerable<string> Ids => _models.SelectMany(model => model.CompatibleIds.Prepend(model.HardwareId));

    public Version Version => Version.Parse(_inf.DriverVersion);

    /// <summary>It installs a driver of its own: not one that only gives the device a name.</summary>
    public bool HasService => Installs.Any(install => install.Services.Count > 0);

    /// <summary>The sections of all models, for a package is stored whole: vioinput has one for the device and one for its child.</summary>
    private InfInstall[] Installs => _installs ??=
        [.. _models.Select(model => model.InstallSection).Distinct(StringComparer.OrdinalIgnoreCase).Select(section => _inf.Install(section, _target))];

    /// <param name="warnings">What a user should know is added here.</param>
    /// <exception cref="GuestStateException"><c>DriverPackageIncomplete</c>, <c>DriverArchitectureWrong</c>.</exception>
    /// <exception cref="DiskFormatException"><c>DriverBinaryDamaged</c>, or the INF is damaged.</exception>
    public PlannedPackage Read(List<string> warnings)
    {
        string? catalog = _inf.CatalogFile(_target);
        List<PlannedFile> files = ReadFiles(ref catalog, warnings);
        DriverSignature[][] signatures = [.. Binaries().Select(binary => SignaturesOf(binary, catalog))];
        DateTime now = DateTime.UtcNow;
        string name = Path.GetFileNameWithoutExtension(_infName).ToLowerInvariant();
        foreach (string warning in signatures.SelectMany(ofFile => SignatureRules.Warnings(_layout, ofFile, now)))
        {
            warnings.Add($"{name}: {warning}");
        }

        string infName = _infName.ToLowerInvariant();
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
            SourceDirectory = _directory,
            PackageLabel = $"{infName}_{_target.Architecture}_{PackageHash.OfPackage(files)[..16]}",
            Files = files,
            Signatures = [.. signatures.SelectMany(ofFile => ofFile)],
            SignatureObstacle = signatures
                .Select(ofFile => SignatureRules.Obstacle(_layout, startsAtBoot: false, ofFile, now)).FirstOrDefault(obstacle => obstacle is not null),
            Models = [.. _models.Select(model => new PlannedModel(model.HardwareId, model.CompatibleIds, model.Description))],
        };
    }

    /// <summary>The INF itself first, then the catalog, then what is copied, where it lies in the package.</summary>
    private List<PlannedFile> ReadFiles(ref string? catalog, List<string> warnings)
    {
        List<PlannedFile> files = [ReadFile(_infName) with { Name = _infName.ToLowerInvariant() }];
        if (catalog is not null && _source.Find(PathOf(catalog)) is { IsDirectory: false })
        {
            files.Add(ReadFile(catalog));
        }
        else
        {
            warnings.Add($"{_infName}: the package has no catalog in '{_directory}'; Windows takes it for unsigned.");
            catalog = null;
        }

        List<string> missing = [];
        foreach (string name in Installs.SelectMany(install => install.Files).Select(NameInPackage).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (_source.Find(PathOf(name)) is { IsDirectory: false })
            {
                files.Add(ReadFile(name));
            }
            else
            {
                missing.Add(name);
            }
        }

        return missing.Count == 0 ? files : throw new GuestStateException(
            "DriverPackageIncomplete",
            PathOf(_infName),
            $"The package '{_infName}' in '{_directory}' of '{_source}' lacks files that its INF names: {string.Join(", ", missing)}.",
            "The driver source is incomplete; take another one.");
    }

    private static string NameInPackage(InfFileCopy file) => file.SourceDirectory.Length == 0 ? file.SourceName : $@"{file.SourceDirectory}\{file.SourceName}";

    private PlannedFile ReadFile(string name)
    {
        string path = PathOf(name);
        IBlockDevice content = _source.OpenFile(path);
        return new PlannedFile(name, path, content.Length, PackageHash.OfFile(content));
    }

    /// <summary>The kernel drivers among the copied files, under the names that they have in the package.</summary>
    private IEnumerable<string> Binaries() => Installs
        .SelectMany(install => install.Services.Where(service => (service.ServiceType & KernelDriver) != 0)
            .SelectMany(service => install.Files.Where(file => file.Name.Equals(service.BinaryPath, StringComparison.OrdinalIgnoreCase))))
        .Select(NameInPackage).Distinct(StringComparer.OrdinalIgnoreCase);

    private DriverSignature[] SignaturesOf(string binary, string? catalog)
    {
        PeImage image = PeImage.Read(_source.OpenFile(PathOf(binary)), PathOf(binary));
        CheckMachine(binary, image);
        List<DriverSignature> signatures = [.. DriverSignatures.Embedded(image, binary)];
        if (catalog is not null)
        {
            signatures.Add(DriverSignatures.InCatalog(_source.OpenFile(PathOf(catalog)), catalog, image, binary));
        }

        return [.. signatures];
    }

    private void CheckMachine(string binary, PeImage image)
    {
        GuestArchitecture architecture = _layout.Windows.Architecture;
        if (image.Machine != DriverFilesReader.MachineOf(architecture))
        {
            throw new GuestStateException(
                "DriverArchitectureWrong",
                PathOf(binary),
                string.Create(CultureInfo.InvariantCulture, $"'{binary}' in '{_directory}' of '{_source}' is not for {architecture}: its machine type is 0x{image.Machine:X4}."),
                "The driver source is damaged or mixed up; take another one.");
        }
    }

    private string PathOf(string name) => _directory.Length == 0 ? name.Replace('\\', '/') : $"{_directory}/{name.Replace('\\', '/')}";
}
