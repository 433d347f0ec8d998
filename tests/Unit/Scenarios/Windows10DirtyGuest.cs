using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Scenarios;

/// <summary>Windows 10 1709 x64 from a Dell laptop whose SYSTEM hive was not written back: its logs hold the rest.</summary>
public sealed class Windows10DirtyGuest : RealGuest
{
    internal const string System = Hive + ".gz";
    internal const string Log1 = Hive + ".LOG1.gz";
    internal const string Log2 = Hive + ".LOG2.gz";

    private const string Hive = "hive-system/win10-1709-x64-dell-DESKTOP-PM6C56D-dirty.SYSTEM";

    private protected override EditedGuest Make(TempFolder folder)
    {
        GuestTree tree = new(folder, "x64", "gpt", ["storahci", "stornvme", "pciide"]);
        tree.WriteHive("SOFTWARE", SoftwareHive.Text(
            "hive-software/virt-v2v-win10-software.reg", ("CurrentBuild", "16299"), ("CurrentBuildNumber", "16299"), ("ReleaseId", "1709")));
        tree.Write(@"\Windows\System32\config\SYSTEM", SharedData.Read(System));
        tree.Write(@"\Windows\System32\config\SYSTEM.LOG1", SharedData.Read(Log1));
        tree.Write(@"\Windows\System32\config\SYSTEM.LOG2", SharedData.Read(Log2));
        return new EditedGuest(folder, tree.MakeDisk(96));
    }
}
