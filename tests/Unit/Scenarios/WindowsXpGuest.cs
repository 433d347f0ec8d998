using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Scenarios;

/// <summary>Windows XP SP3 x86 from Virtual PC; the last driver that Red Hat signed for it.</summary>
public sealed class WindowsXpGuest : RealGuest
{
    internal const string System = "hive-system/xp-sp3-x86-virtualpc-IECOMPATVHD.SYSTEM.gz";

    private protected override EditedGuest Make(TempFolder folder)
    {
        GuestTree tree = new(folder, "x86", "mbr", ["pciidex"], @"\WINDOWS\system32");
        byte[] system = SharedData.Read(System);
        tree.WriteHive("SOFTWARE", SoftwareHive.Text(
            "hive-software/virt-v2v-winxp-32-software.reg", ("CurrentVersion", "5.1"), ("CurrentBuildNumber", "2600")));
        tree.Write(@"\Windows\System32\config\system", system);
        tree.Write(@"\Windows\System32\config\system.LOG", RawHive.OldLog(system));
        tree.WriteText(@"\boot.ini", "[boot loader]\r\ntimeout=30\r\n");
        DriverFolder drivers = new DriverFolder(folder, "xp", "x86", "x86").Add("viostor", "Wxp-x86/viostor.inf", "Wxp-x86/viostor.cat");
        return new EditedGuest(folder, tree.MakeDisk(64), drivers.Path);
    }
}
