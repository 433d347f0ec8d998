using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Scenarios;

/// <summary>Windows 7 SP1 x86 from VMware, with real INFs of its driver generation.</summary>
public sealed class Windows7Guest : RealGuest
{
    internal const string System = "hive-system/win7sp1-x86-vmware-WIN732BITA.SYSTEM.gz";

    private protected override EditedGuest Make(TempFolder folder)
    {
        GuestTree tree = new(folder, "x86", "mbr", ["msahci", "pciide", "LSI_SAS"]);
        byte[] system = SharedData.Read(System);
        tree.WriteHive("SOFTWARE", File.ReadAllText(Path.Combine(Repository.Root, "tests", "Fixtures", "variants", "win7-software.hive.txt")));
        tree.Write(@"\Windows\System32\config\SYSTEM", system);
        tree.Write(@"\Windows\System32\config\SYSTEM.LOG1", RawHive.OldLog(system));
        tree.Write(@"\Windows\System32\config\SYSTEM.LOG2", []);
        DriverFolder drivers = new DriverFolder(folder, "w7", "x86", "x86")
            .Add("viostor", "Wlh-x86/viostor.inf", "Wlh-x86/viostor.cat")
            .Add("vioscsi", "Wlh-x86/vioscsi.inf", "Wlh-x86/vioscsi.cat");
        return new EditedGuest(folder, tree.MakeDisk(96), drivers.Path);
    }
}
