using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Editing.Steps;

/// <summary>Lets Windows' own SATA, IDE and NVMe drivers start at boot, so that the bootstrap boot finds its disk.</summary>
/// <remarks>Windows switches off those that its hardware did not have: by Start 3 up to Windows 7, by StartOverride from 8 on. A guest
/// that ran from a paravirtual or SAS controller would stop with 0x7B on the SATA disk of its first KVM boot.</remarks>
internal sealed class BootstrapControllersStep : IEditStep
{
    public const string StepName = "BootstrapControllers";

    private static readonly string[] s_services = ["storahci", "msahci", "stornvme", "pciide", "intelide", "atapi"];

    public string Name => StepName;

    public void Apply(EditableGuest guest)
    {
        foreach (string controlSet in guest.Layout.BootControlSets)
        {
            foreach (string service in s_services)
            {
                string key = $@"{controlSet}\Services\{service}";
                if (guest.System.Hive.Find(key)?.GetValue("ImagePath") is null && guest.System.Hive.Find(key)?.GetValue("Type") is null)
                {
                    continue; // not part of this Windows
                }

                guest.System.SetDword(key, "Start", 0);
                guest.System.DeleteKey($@"{key}\StartOverride");
            }
        }
    }
}
