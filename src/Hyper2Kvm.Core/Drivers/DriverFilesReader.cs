using System.Globalization;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.Inf;
using Hyper2Kvm.Signatures;

namespace Hyper2Kvm.Drivers;

/// <summary>Finds, checks and hashes the files that a package's INF names.</summary>
internal sealed class DriverFilesReader(
    DriverSource source, DriverLocation location, byte[] inf, GuestArchitecture architecture, PackageFindings findings)
{
    private PeImage? _binary;

    /// <summary>Signatures of the driver, once <see cref="Read"/> has returned: those in itself, then that of the catalog.</summary>
    public IReadOnlyList<DriverSignature> Signatures { get; private set; } = [];

    /// <summary>The INF itself first, then the catalog, then what is copied.</summary>
    /// <exception cref="UnsupportedFeatureException"><c>InfRenamedBinary</c>, <c>InfSourceSubdirectory</c>.</exception>
    /// <exception cref="DiskFormatException"><c>DriverBinaryDamaged</c>.</exception>
    public List<PlannedFile> Read(string? catalog, InfInstall install, InfService service)
    {
        string? binary = BinaryOf(install, service);
        if (install.Files.FirstOrDefault(file => file.SourceDirectory.Length > 0) is { } deep)
        {
            throw new UnsupportedFeatureException(
                "InfSourceSubdirectory", $"a package with subdirectories ({deep.SourceDirectory})", location.Directory);
        }

        IEnumerable<string> names = install.Files.Select(file => file.SourceName);
        names = (catalog is null ? names : names.Prepend(catalog)).Prepend(location.Driver.Inf.ToLowerInvariant());
        List<PlannedFile> files = [];
        foreach (string name in names.Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (source.Find($"{location.Directory}/{name}") is { IsDirectory: false } entry)
            {
                files.Add(ReadFile(name, entry, SameName(name, binary)));
            }
            else if (SameName(name, catalog))
            {
                findings.Warnings.Add(
                    $"{location.Driver}: the catalog '{name}' is not in '{location.Directory}'; Windows will take the package for unsigned.");
            }
            else
            {
                findings.Expect(false, $"the file '{name}' that the INF names", "none of that name");
            }
        }

        Signatures = _binary is null ? [] : SignaturesOf(_binary, binary!, catalog, files);
        return files;
    }

    private List<DriverSignature> SignaturesOf(PeImage image, string name, string? catalog, List<PlannedFile> files)
    {
        List<DriverSignature> signatures = [.. DriverSignatures.Embedded(image, name)];
        if (files.FirstOrDefault(file => SameName(file.Name, catalog)) is { } found)
        {
            signatures.Add(DriverSignatures.InCatalog(source.OpenFile(found.SourcePath), found.Name, image, name, inf, location.Driver.Inf));
        }

        return signatures;
    }

    private static bool SameName(string name, string? other) => string.Equals(name, other, StringComparison.OrdinalIgnoreCase);

    private string? BinaryOf(InfInstall install, InfService service)
    {
        InfFileCopy? binary = install.Files.FirstOrDefault(file => SameName(file.Name, service.BinaryPath));
        findings.Expect(binary is not null, $"'{service.BinaryPath}' among the copied files", "it is not there");
        return binary is null || SameName(binary.SourceName, binary.Name)
            ? binary?.SourceName
            : throw new UnsupportedFeatureException("InfRenamedBinary", "a driver that is renamed when it is installed", location.Directory);
    }

    private PlannedFile ReadFile(string name, GuestEntry entry, bool isBinary)
    {
        string path = $"{location.Directory}/{entry.Name}";
        IBlockDevice content = source.OpenFile(path);
        if (isBinary)
        {
            _binary = PeImage.Read(content, path);
            CheckBinary(name, _binary);
        }

        return new PlannedFile(name, path, content.Length, PackageHash.OfFile(content));
    }

    /// <summary>IMAGE_FILE_MACHINE_*.</summary>
    private static ushort MachineOf(GuestArchitecture architecture) => architecture switch
    {
        GuestArchitecture.X86 => 0x014C,
        GuestArchitecture.X64 => 0x8664,
        _ => 0xAA64,
    };

    private void CheckBinary(string name, PeImage header)
    {
        ushort expected = MachineOf(architecture);
        findings.Expect(
            header.Machine == expected,
            string.Create(CultureInfo.InvariantCulture, $"'{name}' for {architecture} (machine 0x{expected:X4})"),
            string.Create(CultureInfo.InvariantCulture, $"machine 0x{header.Machine:X4}"));
    }
}
