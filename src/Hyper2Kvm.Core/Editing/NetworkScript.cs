using System.Globalization;
using System.Text;
using Hyper2Kvm.Editing.Actions;

namespace Hyper2Kvm.Editing;

/// <summary>Writes the PowerShell script that sets a guest's adapters at the first boot.</summary>
/// <remarks>
/// For Windows PowerShell 2.0 (7 and 2008 R2) to 5.1, also in constrained language mode: WMI and netsh only, no .NET calls. Each value from the
/// guest stands in it as a literal in single quotes, and goes to netsh as one argument; names with a double quote do not get this far.
/// </remarks>
internal static class NetworkScript
{
    /// <summary>Every character that PowerShell takes for a single quote.</summary>
    private const string SingleQuotes = "'\u2018\u2019\u201A\u201B";

    private const string Body =
        """
        $ErrorActionPreference = 'Continue'
        $failures = 0
        $again = $false

        function Invoke-Netsh {
            & "$env:SystemRoot\System32\netsh.exe" $args
            if ($LASTEXITCODE -ne 0) { "failed ($LASTEXITCODE): netsh $args"; $script:failures++ }
        }

        # For what may be as wanted already, which netsh calls an error.
        function Invoke-NetshQuietly {
            & "$env:SystemRoot\System32\netsh.exe" $args
            if ($LASTEXITCODE -ne 0) { "not done ($LASTEXITCODE): netsh $args" }
        }

        function Find-Card($mac) {
            Get-WmiObject Win32_NetworkAdapter | Where-Object {
                $_.MACAddress -eq $mac -and $_.PNPDeviceID -match '^(PCI|VMBUS|XEN|XENVIF|USB)\\' -and $_.InterfaceIndex -ne $null -and $_.GUID
            } | Select-Object -First 1
        }

        function Set-Card($card, $s) {
            $index = $card.InterfaceIndex
            $key = "HKLM:\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters\Interfaces\$($card.GUID)"
            "$($s.Mac): $($card.Name), interface $index, $($card.PNPDeviceID)"

            if ($s.Dhcp) {
                Invoke-NetshQuietly interface ipv4 set address "name=$index" source=dhcp
            } elseif ($s.V4) {
                $first = $true
                foreach ($pair in $s.V4) {
                    $address, $mask = $pair -split ' '
                    if ($first) { Invoke-Netsh interface ipv4 set address "name=$index" source=static "address=$address" "mask=$mask" gateway=none }
                    else { Invoke-Netsh interface ipv4 add address "name=$index" "address=$address" "mask=$mask" }
                    $first = $false
                }
                foreach ($pair in $s.Gateways4) {
                    $gateway, $metric = $pair -split ' '
                    if ($metric) { Invoke-Netsh interface ipv4 add address "name=$index" "gateway=$gateway" "gwmetric=$metric" }
                    else { Invoke-Netsh interface ipv4 add address "name=$index" "gateway=$gateway" }
                }
            }

            $register = if ($s.Register) { 'register=primary' } else { 'register=none' }
            if ($s.Dns4) {
                $first = $true
                foreach ($server in $s.Dns4) {
                    if ($first) { Invoke-Netsh interface ipv4 set dnsserver "name=$index" source=static "address=$server" $register @validate }
                    else { Invoke-Netsh interface ipv4 add dnsserver "name=$index" "address=$server" @validate }
                    $first = $false
                }
            }
            if (-not $s.Register) { Set-ItemProperty -LiteralPath $key -Name RegistrationEnabled -Value 0 -Type DWord }
            if ($s.Suffix) { Set-ItemProperty -LiteralPath $key -Name Domain -Value $s.Suffix -Type String }

            $first = $true
            foreach ($server in $s.Wins) {
                if ($first) { Invoke-Netsh interface ipv4 set winsserver "name=$index" source=static "address=$server" }
                else { Invoke-Netsh interface ipv4 add winsserver "name=$index" "address=$server" }
                $first = $false
            }
            if ($s.Netbios) {
                $netbios = "HKLM:\SYSTEM\CurrentControlSet\Services\NetBT\Parameters\Interfaces\Tcpip_$($card.GUID)"
                Set-ItemProperty -LiteralPath $netbios -Name NetbiosOptions -Value $s.Netbios -Type DWord
            }
            if ($s.Metric) { Invoke-Netsh interface ipv4 set interface "interface=$index" "metric=$($s.Metric)" }
            if ($s.Mtu) { Invoke-NetshQuietly interface ipv4 set subinterface "interface=$index" "mtu=$($s.Mtu)" store=persistent }

            foreach ($address in $s.V6) { Invoke-NetshQuietly interface ipv6 add address "interface=$index" "address=$address" store=persistent }
            foreach ($route in $s.Routes6) {
                $prefix, $hop, $metric = $route -split ' '
                if ($metric) { Invoke-NetshQuietly interface ipv6 add route "prefix=$prefix" "interface=$index" "nexthop=$hop" "metric=$metric" store=persistent }
                else { Invoke-NetshQuietly interface ipv6 add route "prefix=$prefix" "interface=$index" "nexthop=$hop" store=persistent }
            }
            $first = $true
            foreach ($server in $s.Dns6) {
                if ($first) { Invoke-Netsh interface ipv6 set dnsserver "name=$index" source=static "address=$server" $register @validate }
                else { Invoke-Netsh interface ipv6 add dnsserver "name=$index" "address=$server" @validate }
                $first = $false
            }
            foreach ($route in $s.Routes4) {
                $prefix, $hop, $metric = $route -split ' '
                if ($metric) { Invoke-NetshQuietly interface ipv4 add route "prefix=$prefix" "interface=$index" "nexthop=$hop" "metric=$metric" store=persistent }
                else { Invoke-NetshQuietly interface ipv4 add route "prefix=$prefix" "interface=$index" "nexthop=$hop" store=persistent }
            }

            if ($s.Name -and $card.NetConnectionID -and $card.NetConnectionID -ne $s.Name) {
                Invoke-NetshQuietly interface set interface "name=$($card.NetConnectionID)" "newname=$($s.Name)"
            }
            if ($s.Category -and (Get-Command Set-NetConnectionProfile -ErrorAction SilentlyContinue)) {
                Set-NetConnectionProfile -InterfaceIndex $index -NetworkCategory $s.Category
            }
        }

        foreach ($s in $settings) {
            # Windows may still be installing the driver.
            $card = Find-Card $s.Mac
            for ($i = 0; $i -lt 60 -and -not $card; $i++) {
                Start-Sleep -Seconds 5
                $card = Find-Card $s.Mac
            }
            if (-not $card) {
                "$($s.Mac): no such card; it stays as it is."
                $failures++
                continue
            }
            Set-Card $card $s
            # The bootstrap boot has another card with the same address: the one that is to stay is a VirtIO device.
            if ($card.PNPDeviceID -notmatch 'VEN_1AF4') { $again = $true }
        }

        if ($failures) { "$failures failures"; exit 1 }
        if ($again) { exit 1237 }
        exit 0

        """;

    /// <param name="settings">What each card is set to.</param>
    /// <param name="windows">Vista's netsh does not know <c>validate</c>.</param>
    public static string Write(IReadOnlyList<AdapterSettings> settings, WindowsVersion windows)
    {
        StringBuilder script = new();
        script.Append("# Made by Hyper2Kvm: sets the network cards of this machine by their MAC addresses.\n");
        bool validates = windows.Major > 6 || windows.Minor >= 1;
        script.Append("$validate = ").Append(validates ? "@('validate=no')" : "@()").Append('\n');
        script.Append("$settings = @(\n");
        foreach (AdapterSettings one in settings)
        {
            script.Append("    @{\n");
            Append(script, "Mac", Quote(one.MacAddress));
            Append(script, "Name", Quote(one.Name ?? ""));
            Append(script, "Dhcp", one.UsesDhcp ? "$true" : "$false");
            Append(script, "V4", List(one.Addresses.Where(address => !address.IsIPv6).Select(address => $"{address.Address} {Mask(address.PrefixLength)}")));
            Append(script, "Gateways4", List(one.Gateways.Where(gateway => !IsV6(gateway.Address)).Select(gateway => Join(gateway.Address, gateway.Metric))));
            Append(script, "Dns4", List(one.DnsServers.Where(server => !IsV6(server))));
            Append(script, "V6", List(one.Addresses.Where(address => address.IsIPv6).Select(address => address.ToString())));
            Append(script, "Routes6", List(
                [.. one.Gateways.Where(gateway => IsV6(gateway.Address)).Select(gateway => Join($"::/0 {gateway.Address}", gateway.Metric)),
                .. one.Routes.Where(route => route.Destination.IsIPv6).Select(Route)]));
            Append(script, "Dns6", List(one.DnsServers.Where(IsV6)));
            Append(script, "Routes4", List(one.Routes.Where(route => !route.Destination.IsIPv6).Select(Route)));
            Append(script, "Suffix", Quote(one.DnsSuffix ?? ""));
            Append(script, "Register", one.RegistersInDns ? "$true" : "$false");
            Append(script, "Wins", List(one.WinsServers));
            Append(script, "Netbios", Number(one.NetbiosOption));
            Append(script, "Metric", Number(one.InterfaceMetric ?? 0));
            Append(script, "Mtu", Number(one.Mtu ?? 0));
            Append(script, "Category", Quote(one.Category ?? ""));
            script.Append("    }\n");
        }

        return script.Append(")\n\n").Append(Body).ToString();
    }

    internal static string Quote(string text)
    {
        StringBuilder quoted = new("'");
        foreach (char c in text)
        {
            quoted.Append(c, SingleQuotes.Contains(c, StringComparison.Ordinal) ? 2 : 1);
        }

        return quoted.Append('\'').ToString();
    }

    private static void Append(StringBuilder script, string name, string value) => script.Append("        ").Append(name).Append(" = ").Append(value).Append('\n');

    private static string List(IEnumerable<string> values) => $"@({string.Join(", ", values.Select(Quote))})";

    private static string Route(NetworkRoute route) => Join($"{route.Destination} {route.NextHop}", route.Metric);

    private static string Join(string text, int? metric) => metric is null ? text : string.Create(CultureInfo.InvariantCulture, $"{text} {metric}");

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static bool IsV6(string address) => address.Contains(':', StringComparison.Ordinal);

    private static string Mask(int length)
    {
        uint bits = length == 0 ? 0 : uint.MaxValue << (32 - length);
        return string.Create(CultureInfo.InvariantCulture, $"{bits >> 24}.{(bits >> 16) & 0xFF}.{(bits >> 8) & 0xFF}.{bits & 0xFF}");
    }
}
