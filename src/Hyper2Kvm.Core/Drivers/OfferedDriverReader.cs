using System.Globalization;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Inf;

namespace Hyper2Kvm.Drivers;

/// <summary>Reads one package of a source without a guest in mind: each models section for the lowest Windows that selects it.</summary>
internal sealed class OfferedDriverReader(DriverSource source, string infPath)
{
    /// <summary>Decorations of one INF; real ones have a handful, and each costs a reading of the models.</summary>
    private const int MostDecorations = 64;

    /// <summary>Windows XP: what an INF means that names no version.</summary>
    private static readonly (int Major, int Minor) s_oldest = (5, 1);

    /// <summary>The package; null when the INF has no models.</summary>
    public VirtioDriver? Read()
    {
        byte[] bytes = source.OpenFile(infPath).ReadAll(DriverPackageReader.InfLimit, "InfTooLarge", infPath);
        InfFile inf = InfFile.Parse(bytes, $"'{infPath}' in '{source.Path}'");
        InfDecoration[] decorations = DecorationsOf(inf);
        (InfTarget Target, InfModels Models)[] offers =
            [.. decorations.Select(TargetOf).Distinct().SelectMany(target => inf.Models(target).Select(models => (target, models)))];
        InfModel[] models = [.. offers.SelectMany(offer => offer.Models.Models)];
        if (models.Length == 0)
        {
            return null;
        }

        string[] ids = [.. models.SelectMany(model => model.Ids)
            .Where(id => id.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase)];
        InfInstall[] installs = [.. offers
            .SelectMany(offer => offer.Models.Models.Select(model => (model.InstallSection, offer.Target)))
            .Distinct().Select(install => inf.Install(install.InstallSection, install.Target))];
        PackagePaths paths = new(infPath);
        PackageSignatures signatures = new(source, paths, installs, inf.CatalogFile(offers[0].Target), bytes);
        return new VirtioDriver
        {
            Name = paths.InfName[..^".inf".Length].ToLowerInvariant(),
            Device = DeviceIds.DeviceOf(ids),
            Version = inf.DriverVersion,
            Date = inf.DriverDate,
            Provider = inf.Provider,
            ClassName = inf.ClassName,
            ClassGuid = inf.ClassGuid,
            Source = source.Path,
            InfPath = infPath,
            Architectures = [.. signatures.Architectures.Count > 0 ? signatures.Architectures : offers.Select(offer => ArchitectureOf(offer.Target.Architecture)).Distinct()],
            Systems = [.. decorations.Select(SystemOf).Distinct()],
            HardwareIds = ids,
            Services = [.. installs.SelectMany(install => install.Services).Select(service => service.Name).Distinct(StringComparer.OrdinalIgnoreCase)],
            Signatures = [.. signatures.Files.SelectMany(file => file.Signatures)],
            Signature = signatures.Files.Select(file => BestOf(file.Signatures)).MinBy(signature => signature.Kind == DriverSignatureKind.Damaged ? -1 : (int)signature.Kind),
        };
    }

    /// <summary>Those of all manufacturers for architectures that we know; an undecorated models section counts for x86.</summary>
    private static InfDecoration[] DecorationsOf(InfFile inf)
    {
        IEnumerable<string> texts = inf.Find("Manufacturer")?.Lines.SelectMany(
            line => line.Values.Count > 1 ? line.Values.Skip(1).Select(inf.Resolve) : ["NTx86"]) ?? [];
        string[] decorations = [.. texts.Distinct(StringComparer.OrdinalIgnoreCase).Take(MostDecorations + 1)];
        return decorations.Length > MostDecorations ? throw TooMany(inf) : [.. decorations
            .Select(InfDecoration.TryParse).OfType<InfDecoration>()
            .Where(decoration => decoration.Architecture is "" or "x86" or "amd64" or "arm64")];
    }

    private static DiskFormatException TooMany(InfFile inf) =>
        inf.Invalid(inf.Find("Manufacturer")!.Lines[0], $"models for at most {MostDecorations} systems", "more", "InfTooLarge");

    private static InfTarget TargetOf(InfDecoration decoration)
    {
        (int major, int minor) = decoration.Version == 0 ? s_oldest : (decoration.Version >> 16, decoration.Version & 0xFFFF);
        int build = decoration.Build > 0 ? decoration.Build : major >= 10 ? 10240 : 0;
        return new InfTarget(
            decoration.Architecture.Length == 0 ? "x86" : decoration.Architecture, major, minor, build,
            decoration.ProductType == 0 ? 1 : decoration.ProductType, decoration.SuiteMask);
    }

    private static string SystemOf(InfDecoration decoration)
    {
        string build = decoration.Build > 0 ? string.Create(CultureInfo.InvariantCulture, $".{decoration.Build}") : "";
        return decoration.Version == 0
            ? "any"
            : string.Create(CultureInfo.InvariantCulture, $"{decoration.Version >> 16}.{decoration.Version & 0xFFFF}{build}");
    }

    private static GuestArchitecture ArchitectureOf(string name) => name switch
    {
        "x86" => GuestArchitecture.X86,
        "amd64" => GuestArchitecture.X64,
        _ => GuestArchitecture.Arm64,
    };

    /// <summary>The signature that Windows would go by; one that does not hold is told before any that does.</summary>
    private static DriverSignature BestOf(IReadOnlyList<DriverSignature> ofFile) =>
        ofFile.FirstOrDefault(signature => signature.Kind == DriverSignatureKind.Damaged) ?? ofFile.MaxBy(signature => signature.Kind)!;
}
