using Hyper2Kvm.Inf;
using Hyper2Kvm.Signatures;

namespace Hyper2Kvm.Drivers;

/// <summary>The signatures of a package: of each driver file in itself and in the catalog; of a package without one, the catalog's over the INF.</summary>
internal sealed class PackageSignatures
{
    /// <summary>SERVICE_KERNEL_DRIVER, SERVICE_FILE_SYSTEM_DRIVER; the kernel asks nothing of other services.</summary>
    private const int DriverTypes = 0x3;

    private readonly DriverSource _source;
    private readonly PackagePaths _paths;
    private readonly string? _catalog;
    private readonly List<GuestArchitecture> _architectures = [];
    private readonly List<SignedFile> _files = [];

    /// <param name="source">Where the package is.</param>
    /// <param name="paths">Where its files are.</param>
    /// <param name="installs">What the INF asks for.</param>
    /// <param name="catalog">Name of the catalog that the INF names, or null.</param>
    /// <param name="inf">Content of the INF.</param>
    /// <exception cref="Diagnostics.DiskFormatException"><c>DriverBinaryDamaged</c>.</exception>
    public PackageSignatures(DriverSource source, PackagePaths paths, IReadOnlyList<InfInstall> installs, string? catalog, byte[] inf)
    {
        _source = source;
        _paths = paths;
        _catalog = catalog is not null && source.Find(paths.Of(catalog)) is { IsDirectory: false } ? catalog : null;
        bool hasDriver = false;
        foreach (InfInstall install in installs)
        {
            foreach (InfService service in install.Services.Where(IsDriver))
            {
                hasDriver = true;
                AddDriver(install, service, inf);
            }
        }

        if (!hasDriver)
        {
            AddInf(inf);
        }
    }

    /// <summary>Each driver file, with what counts for it.</summary>
    public IReadOnlyList<SignedFile> Files => _files;

    /// <summary>The processors that the driver files are for.</summary>
    public IReadOnlyList<GuestArchitecture> Architectures => _architectures;

    private static bool IsDriver(InfService service) => (service.ServiceType & DriverTypes) != 0;

    private void AddDriver(InfInstall install, InfService service, byte[] inf)
    {
        // A driver that sections of Windows' own INFs bring is none of the package's.
        if (_paths.BinaryOf(install, service) is not { } path || _files.Exists(file => file.Path == path)
            || _source.Find(path) is not { IsDirectory: false })
        {
            return;
        }

        string name = path[(path.LastIndexOf('/') + 1)..];
        PeImage image = PeImage.Read(_source.OpenFile(path), path);
        AddArchitecture(image.Machine);
        List<DriverSignature> signatures = [.. DriverSignatures.Embedded(image, name)];
        if (_catalog is not null)
        {
            signatures.Add(DriverSignatures.InCatalog(_source.OpenFile(_paths.Of(_catalog)), _catalog, image, name, inf, _paths.InfName));
        }

        _files.Add(new SignedFile(path, service.StartType == 0, signatures));
    }

    private void AddInf(byte[] inf)
    {
        string name = _paths.InfName;
        _files.Add(new SignedFile(_paths.Of(name), false,
        [
            _catalog is null ? DriverSignatures.None(name, isEmbedded: false)
                : DriverSignatures.InCatalog(_source.OpenFile(_paths.Of(_catalog)), _catalog, inf, name),
        ]));
    }

    private void AddArchitecture(ushort machine)
    {
        GuestArchitecture? architecture = machine switch
        {
            0x014C => GuestArchitecture.X86,
            0x8664 => GuestArchitecture.X64,
            0xAA64 => GuestArchitecture.Arm64,
            _ => null,
        };
        if (architecture is { } known && !_architectures.Contains(known))
        {
            _architectures.Add(known);
        }
    }
}
