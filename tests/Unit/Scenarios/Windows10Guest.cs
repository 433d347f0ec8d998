using Hyper2Kvm.Drivers;
using Hyper2Kvm.Signatures;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Scenarios;

/// <summary>Windows 10 1903 x64 from VMware with real INFs: an older viostor, a newer vioscsi.</summary>
public sealed class Windows10Guest : RealGuest
{
    internal const string System = "hive-system/win10-1903-x64-vmware-DESKTOP-2KGM189-dirty.SYSTEM.gz";

    private const string Catalog = "virtio-drivers/Win10-amd64-100.85.104.20800/viostor.cat";

    internal static GuestTree Tree(TempFolder folder, byte[] system)
    {
        GuestTree tree = new(folder, "x64", "mbr", ["storahci", "stornvme", "pciide", "LSI_SAS"]);
        tree.WriteHive("SOFTWARE", SoftwareHive.Text(
            "hive-software/virt-v2v-win10-software.reg", ("CurrentBuild", "18363"), ("CurrentBuildNumber", "18363"), ("ReleaseId", "1909")));
        tree.WriteHive("DRIVERS", File.ReadAllText(Path.Combine(Repository.Root, "tests", "Fixtures", "sample-win2022", "drivers.hive.txt")));
        tree.Write(@"\Windows\System32\config\SYSTEM", system);
        return tree;
    }

    private protected override EditedGuest Make(TempFolder folder)
    {
        GuestTree tree = Tree(folder, RawHive.WithEqualSequenceNumbers(SharedData.Read(System)));
        DriverFolder drivers = new DriverFolder(folder, "w10", "amd64", "x64")
            .Add("viostor", "Win10-amd64-100.85.104.20800/viostor.inf", Catalog["virtio-drivers/".Length..])
            .Add("vioscsi", "inf-100.101.104.28500/vioscsi_2k19.inf", null);
        return new EditedGuest(folder, tree.MakeDisk(96), drivers.Path, plan => plan with { Storage = [WithItsCatalog(plan.Storage[0]), plan.Storage[1]] });
    }

    /// <summary>The catalog does not list the stand-in for the binary; what it is worth to the true one says the catalog itself.</summary>
    private static PlannedDriver WithItsCatalog(PlannedDriver driver)
    {
        SignatureReading reading = SecurityCatalog.Parse(SharedData.Read(Catalog), Catalog).Signature;
        DriverSignature signature = driver.Signatures.Single(one => !one.IsEmbedded) with { Kind = DriverSignatures.KindOf(reading), Problem = reading.Problem };
        return driver with { Signatures = [.. driver.Signatures.Where(one => one.IsEmbedded), signature] };
    }
}
