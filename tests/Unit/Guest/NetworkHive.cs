using System.Buffers.Binary;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Registry;
using Hyper2Kvm.Unit.Domains;
using Hyper2Kvm.Unit.Registry;

namespace Hyper2Kvm.Unit.Guest;

/// <summary>A SYSTEM and a SOFTWARE hive with network adapters as texts say.</summary>
internal sealed class NetworkHive
{
    public const string Class = "{4d36e972-e325-11ce-bfc1-08002be10318}";
    public const string Network = "{4D36E972-E325-11CE-BFC1-08002BE10318}";

    public static DateTime Boot { get; } = new(2024, 5, 6, 7, 8, 9, DateTimeKind.Utc);

    public Hive System { get; } = TestHive.Empty();

    public Hive Software { get; } = TestHive.Empty();

    /// <summary>A hardware adapter with a device, a connection and a TCP/IP key.</summary>
    public NetworkHive Add(int number, Guid id, string name, string instance, DateTime? arrival = null)
    {
        string key = $@"ControlSet001\Control\Class\{Class}\{number:D4}";
        Text(key, "NetCfgInstanceId", id.ToString("B").ToUpperInvariant());
        Text(key, "DriverDesc", $"Card {number}");
        Dword(key, "Characteristics", 0x84);
        Dword(key, "NetLuidIndex", (uint)number + 0x8000);
        Dword(key, "*IfType", 6);
        Text($@"ControlSet001\Control\Network\{Network}\{id:B}\Connection", "Name", name);
        Text($@"ControlSet001\Control\Network\{Network}\{id:B}\Connection", "PnPInstanceId", instance);
        Text($@"ControlSet001\Enum\{instance}", "Driver", $@"{Class}\{number:D4}");
        if (arrival is { } date)
        {
            Date($@"ControlSet001\Enum\{instance}", "0066", date);
            Date(@"ControlSet001\Enum\ACPI_HAL\PNP0C08\0", "0066", Boot);
        }

        return this;
    }

    public NetworkHive Static(Guid id, string[] addresses, string[] masks, string[] gateways, string dns = "")
    {
        string key = Interface(id);
        Dword(key, "EnableDHCP", 0);
        Multi(key, "IPAddress", addresses);
        Multi(key, "SubnetMask", masks);
        Multi(key, "DefaultGateway", gateways);
        Text(key, "NameServer", dns);
        return this;
    }

    public static string Interface(Guid id) => $@"ControlSet001\Services\Tcpip\Parameters\Interfaces\{id:B}";

    public NetworkHive Text(string key, string name, string value) => Set(key, name, HiveValueType.String, TestHive.Text(value + '\0'));

    public NetworkHive Multi(string key, string name, params string[] values) =>
        Set(key, name, HiveValueType.MultiString, TestHive.Text(string.Concat(values.Select(value => value + '\0')) + '\0'));

    public NetworkHive Binary(string key, string name, string hex) => Set(key, name, HiveValueType.Binary, Convert.FromHexString(hex));

    public NetworkHive Dword(string key, string name, uint value)
    {
        byte[] data = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(data, value);
        return Set(key, name, HiveValueType.Dword, data);
    }

    public NetworkHive Date(string device, string property, DateTime date)
    {
        byte[] data = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(data, date.ToFileTimeUtc());
        return Set($@"{device}\Properties\{{83da6326-97a6-4088-9453-a1923f573b29}}\{property}", "", unchecked((int)0xFFFF0010), data);
    }

    public WindowsNetwork Read() => WindowsNetworkReader.Read(
        Guests.Layout(Guests.Version(10, 0, 20348)), null, "/images/web01.vmdk", System, Software);

    private NetworkHive Set(string key, string name, int type, byte[] data)
    {
        System.Root.Create(key, TestHive.Now).SetValue(name, type, data, TestHive.Now);
        return this;
    }
}
