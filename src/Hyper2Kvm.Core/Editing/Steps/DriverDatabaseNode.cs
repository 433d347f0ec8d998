using System.Buffers.Binary;
using System.Globalization;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Editing.Steps;

/// <summary>The index of the driver store, Windows 8 and later: a node in the SYSTEM hive, and one of the same form in the DRIVERS hive.</summary>
/// <param name="guest">The guest.</param>
/// <param name="hive">SYSTEM or DRIVERS.</param>
internal sealed class DriverDatabaseNode(EditableGuest guest, HiveEditor hive)
{
    public const string Root = "DriverDatabase";

    /// <summary>StatusFlags of an ordinary package; its bits are not documented.</summary>
    private const uint NormalStatus = 0x12;

    /// <summary>The first that notes a package's size.</summary>
    private const int Windows11 = 22000;

    /// <summary>The node for packages of a class. SYSTEM has what may be needed to start; a guest shows which classes it keeps there by the
    /// packages that came with it.</summary>
    /// <remarks>A guest without a DRIVERS hive has all packages in SYSTEM.</remarks>
    public static DriverDatabaseNode For(EditableGuest guest, Guid classGuid) =>
        !guest.HasDrivers || guest.System.Hive.Find($@"{Root}\DeviceIds\{classGuid:B}") is not null
            ? OfSystem(guest)
            : new DriverDatabaseNode(guest, guest.DriversEditor);

    public static DriverDatabaseNode OfSystem(EditableGuest guest) => new(guest, guest.System);

    /// <summary>The directory of a package in the driver store: the one that Windows gave it, where its INF is published already, else that of
    /// the plan.</summary>
    public static string LabelOf(EditableGuest guest, PlannedPackage package, string published)
    {
        Hive?[] nodes = [guest.System.Hive, guest.Drivers];
        return nodes.Select(node => node?.Find($@"{Root}\DriverInfFiles\{published}")?.GetValue("Active")?.AsString())
            .FirstOrDefault(label => label is { Length: > 0 }) ?? package.PackageLabel;
    }

    /// <summary>Enters a package that lies ready, as after <c>pnputil /add-driver</c> without its device.</summary>
    /// <param name="package">The package.</param>
    /// <param name="label">Its directory in the driver store.</param>
    /// <param name="published">Its <c>oemN.inf</c>.</param>
    public void Register(PlannedPackage package, string label, string published)
    {
        // One map for both nodes.
        guest.System.SetBinary(
            Root, "OemInfMap", PublishedInf.MarkUsed(guest.System.Hive.Find(Root)?.GetValue("OemInfMap")?.Data() ?? [], published));
        string inf = $@"{Root}\DriverInfFiles\{published}";
        if (hive.Hive.Find(inf)?.GetValue("")?.AsMultiString().Contains(label, StringComparer.OrdinalIgnoreCase) != true)
        {
            hive.SetMultiString(inf, "", label);
        }

        hive.SetString(inf, "Active", label);
        WriteDeviceIds(package, published);
        if (hive.Hive.Find($@"{Root}\DriverPackages\{label}")?.GetValue("Version") is null)
        {
            WritePackage(package, label, published);
        }
    }

    /// <summary>Four bytes a device id: 01 for the first id of a model and 02 for the others, the feature score, and the place among the others.</summary>
    private void WriteDeviceIds(PlannedPackage package, string published)
    {
        hive.Set($@"{Root}\DeviceIds\{package.ClassGuid:B}", published, HiveValueType.None, []);
        foreach (PlannedModel model in package.Models)
        {
            hive.SetBinary($@"{Root}\DeviceIds\{model.HardwareId}", published, [0x01, 0xFF, 0x00, 0x00]);
            for (int i = 0; i < model.CompatibleIds.Count; i++)
            {
                hive.SetBinary($@"{Root}\DeviceIds\{model.CompatibleIds[i]}", published, [0x02, 0xFF, (byte)i, (byte)(i >> 8)]);
            }
        }
    }

    private void WritePackage(PlannedPackage package, string label, string published)
    {
        string key = $@"{Root}\DriverPackages\{label}";
        hive.SetString(key, "", published);
        hive.SetBinary(key, "Version", VersionBlob(package));
        hive.SetString(key, "Provider", package.Provider);
        hive.SetString(key, "InfName", package.InfName);
        hive.SetString(key, "OemPath", OemPathOf(label));
        if (package.CatalogName is { } catalog)
        {
            hive.SetString(key, "Catalog", catalog);
        }

        if (guest.Layout.Windows.Build >= Windows11)
        {
            hive.SetQword(key, "FileSize", package.Files.Sum(file => file.Length));
        }

        PackageSigner signer = PackageSigner.Of(package);
        if (signer.Name is { } name)
        {
            hive.SetString(key, "SignerName", name);
        }

        hive.SetDword(key, "SignerScore", signer.Score);
        hive.SetDword(key, "StatusFlags", NormalStatus);
        SetTime(key, "ImportDate");
        if (hive.Hive.Find(Root)?.GetValue("UpdateDate") is not null)
        {
            SetTime(Root, "UpdateDate"); // since 1903
        }
    }

    private void SetTime(string key, string name)
    {
        byte[] time = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(time, guest.UtcNow.ToFileTimeUtc());
        hive.SetBinary(key, name, time);
    }

    /// <summary>Where the package was imported from; we put it straight into the store.</summary>
    private string OemPathOf(string label)
    {
        string root = guest.Software.Hive.Find(@"Microsoft\Windows NT\CurrentVersion")?.GetValue("SystemRoot")?.AsString() ?? @"C:\Windows";
        return $@"{root}\System32\DriverStore\FileRepository\{label}";
    }

    /// <summary>48 bytes: kind, architecture, class GUID, DriverVer date and version (in reverse), zeros.</summary>
    internal static byte[] VersionBlob(PlannedPackage package)
    {
        byte[] blob = new byte[48];
        blob[1] = 0xFF; // 00 FF: from a third party
        blob[2] = package.Architecture switch
        {
            GuestArchitecture.X64 => 9, // PROCESSOR_ARCHITECTURE_AMD64
            GuestArchitecture.Arm64 => 12,
            _ => 0,
        };
        package.ClassGuid.TryWriteBytes(blob.AsSpan(8));
        BinaryPrimitives.WriteInt64LittleEndian(
            blob.AsSpan(24), package.Date.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc).ToFileTimeUtc());
        string[] parts = package.Version.Split('.');
        for (int i = 0; i < 4 && i < parts.Length; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(
                blob.AsSpan(38 - (2 * i)), ushort.Parse(parts[i], CultureInfo.InvariantCulture));
        }

        return blob;
    }
}
