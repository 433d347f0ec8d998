using Hyper2Kvm.Guest;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Editing.Steps;

/// <summary>Lets Windows' own SATA, IDE and NVMe drivers start at boot, so that the bootstrap boot finds its disk.</summary>
/// <remarks>Windows switches off those that its hardware did not have: by Start 3 up to Windows 7, by StartOverride from 8 on. A guest
/// that ran from a paravirtual or SAS controller would stop with 0x7B on the SATA disk of its first KVM boot.</remarks>
internal sealed class BootstrapControllersStep : IEditStep
{
    private static readonly string[] s_services = ["storahci", "msahci", "stornvme", "pciide", "intelide", "atapi"];

    public void Apply(EditableGuest guest)
    {
        if (guest.Layout.Windows.Major < 6)
        {
            IdeBinding.Apply(guest);
            return;
        }

        foreach (string controlSet in guest.Layout.StorageControlSets)
        {
            foreach (string service in s_services)
            {
                string key = $@"{controlSet}\Services\{service}";
                if (guest.System.Hive.Find(key) is { } found && HasDriver(guest, found))
                {
                    guest.System.SetDword(key, "Start", 0);
                    guest.System.DeleteKey($@"{key}\StartOverride");
                }
            }
        }
    }

    /// <summary>The loader stops at a boot driver that is missing.</summary>
    private static bool HasDriver(EditableGuest guest, HiveKey service) =>
        service.GetValue("Type") is not null && ServiceImage.Exists(service, guest.Windows.Files, guest.WindowsRoot);
}
