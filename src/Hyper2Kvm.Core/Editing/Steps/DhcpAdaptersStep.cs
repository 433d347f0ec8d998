using Hyper2Kvm.Editing.Actions;

namespace Hyper2Kvm.Editing.Steps;

/// <summary>Takes the static settings from adapters, where Windows itself keeps them.</summary>
internal sealed class DhcpAdaptersStep(DhcpAdaptersAction action) : IEditStep
{
    private static readonly string[] s_values = ["IPAddress", "SubnetMask", "DefaultGateway", "DefaultGatewayMetric"];

    public void Apply(EditableGuest guest)
    {
        foreach (string controlSet in guest.Layout.BootControlSets)
        {
            foreach (NetworkAdapter adapter in AdapterKeys.Find(guest.System, controlSet, action.Adapters))
            {
                string key = $@"{controlSet}\Services\Tcpip\Parameters\Interfaces\{adapter.Id:B}";
                guest.System.SetString(key, "NameServer", "");
                TakeAddress(guest.System, key);
                string copy = $@"{controlSet}\Services\{adapter.Id:B}\Parameters\Tcpip"; // up to Windows 7
                if (guest.System.Hive.Find(copy) is not null)
                {
                    TakeAddress(guest.System, copy);
                }

                string key6 = $@"{controlSet}\Services\Tcpip6\Parameters\Interfaces\{adapter.Id:B}";
                guest.System.DeleteValue(key6, "NameServer");
                AdapterKeys.DeleteNsiRows(guest.System, controlSet, adapter.Luid, ["10", "16"]);
            }
        }
    }

    private static void TakeAddress(HiveEditor system, string key)
    {
        system.SetDword(key, "EnableDHCP", 1);
        foreach (string value in s_values)
        {
            system.DeleteValue(key, value);
        }
    }
}
