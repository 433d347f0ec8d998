BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Guests.ps1'))
    $errorSource = 'Hyper2Kvm.PowerShell.Commands.SetWindowsNetworkPolicyCommand'
    $lan = @{
        mac = '52:54:00:00:00:01'; name = "Jürgen's LAN"; addresses = '192.0.2.22/24', '192.0.2.23/25', '2001:db8::22/64'
        gateways = '192.0.2.1', '2001:db8::1'; dnsServers = '192.0.2.53', '192.0.2.54', '2001:db8::53'; dnsSuffix = 'example.org'
        routes = '10.0.0.0/8 via 192.0.2.254'; mtu = 9000; interfaceMetric = 10; winsServers = '192.0.2.60'; netbios = 2
    }
}

Describe 'Set-WindowsNetworkPolicy' {
    It 'does nothing by default' {
        $disk = New-Guest
        $run = Invoke-Recorded { Get-WindowsLayout $disk | Set-WindowsNetworkPolicy }
        $run.Output | Should -BeNullOrEmpty
        $run.Errors[0].FullyQualifiedErrorId | Should -BeExactly "NetworkPolicyMissing,$errorSource"
    }

    It 'removes the address that no card has any more' {
        $disk = New-Guest
        $hash = Get-Sha256 $disk
        $edit = Get-WindowsLayout $disk | Set-WindowsNetworkPolicy -RemoveGhostAdapters
        @($edit.Changes).Where({ $_.Kind -eq 'KeyDeleted' -and $_.Target -like '*Tcpip\Parameters\Interfaces\{2b6f7c10*' }) | Should -HaveCount 1
        ($edit | Get-WindowsNetwork).Adapters | Should -BeNullOrEmpty
        Get-Sha256 $disk | Should -Be $hash

        $again = $edit | Set-WindowsNetworkPolicy -RemoveGhostAdapters
        @($again.Changes).Where({ $_.Kind -ne 'Unchanged' }) | Should -BeNullOrEmpty
    }

    It 'goes on from an edit and keeps its plan' {
        $edit = New-SamplePlan (New-Guest) | Add-BootStartStorage | Set-WindowsNetworkPolicy -Policy Dhcp
        $edit.Plan | Should -Not -BeNullOrEmpty
        @($edit.Changes.Target) -like '*NewNetworkWindowOff' | Should -HaveCount 1
    }

    It 'rehearses with -WhatIf' {
        $disk = New-Guest
        $before = Get-Snapshot (Get-GuestFolder $disk)
        $edit = Get-WindowsLayout $disk | Set-WindowsNetworkPolicy -Policy Replace -Configuration @{ adapters = @($lan) } -WhatIf
        $edit.Mode | Should -Be 'Preview'
        Get-Snapshot (Get-GuestFolder $disk) | Should -BeExactly $before
    }

    It 'refuses <Id>' -ForEach @(
        @{ Id = 'NetworkConfigurationMissing'; More = @{ Policy = 'Replace' } }
        @{ Id = 'NetworkConfigurationInvalid'; More = @{ Policy = 'Replace'; Configuration = @{ adapters = @(@{ mac = 'x' }) } } }
        @{ Id = 'NetworkMacInvalid'; More = @{ Policy = 'Preserve'; MacAddress = 'nonsense' } }
        @{ Id = 'NetworkAdapterNotFound'; More = @{ Policy = 'Preserve'; AdapterMac = @{ LAN = '52:54:00:00:00:01' } } }
    ) {
        $disk = New-Guest
        $run = Invoke-Recorded { Get-WindowsLayout $disk | Set-WindowsNetworkPolicy @More }
        $run.Output | Should -BeNullOrEmpty
        $run.Errors[0].FullyQualifiedErrorId | Should -BeExactly "$Id,$errorSource"
    }
}

Describe 'The script that sets the cards' {
    BeforeAll {
        $edit = Get-WindowsLayout (New-Guest) | Set-WindowsNetworkPolicy -Policy Replace -Configuration @{ adapters = @($lan) } -WhatIf
        $file = @($edit.Actions).Where({ $_.Step -eq 'FirstBoot-network' })[0].Files[0]
        $text = [System.Text.Encoding]::UTF8.GetString($file.Content).TrimStart([char] 0xFEFF)

        # Runs it with stand-ins for what only Windows has, and collects what it would tell netsh.
        function Invoke-Script([string] $Device) {
            $log = [System.Collections.Generic.List[string]]::new()
            $card = [pscustomobject] @{
                MACAddress = '52:54:00:00:00:01'; PNPDeviceID = $Device; InterfaceIndex = 12; GUID = '{1}'; Name = 'Card'; NetConnectionID = 'Ethernet'
            }
            $script = $text.Replace('& "$env:SystemRoot\System32\netsh.exe" $args', '$log.Add($args -join "|"); $global:LASTEXITCODE = 0')
            $script = $script -replace '(?m)^(\s*.*)exit (\d+)', '$1return "exit $2"'
            function Get-WmiObject { $card }
            function Start-Sleep { }
            function Select-Object { @($input)[0] }
            function Set-ItemProperty($LiteralPath, $Name, $Value, $Type) { $log.Add("registry|$Name|$Value") }
            $output = & ([scriptblock]::Create($script))
            @{ Log = $log; Result = @($output)[-1] }
        }
    }

    It 'parses, and uses nothing that PowerShell 2.0 or constrained language mode lacks' {
        $errors = $null
        $ast = [System.Management.Automation.Language.Parser]::ParseInput($text, [ref] $null, [ref] $errors)
        $errors | Should -BeNullOrEmpty
        $ast.FindAll({ $args[0] -is [System.Management.Automation.Language.InvokeMemberExpressionAst] }, $true) | Should -BeNullOrEmpty
        $ast.FindAll({ $args[0] -is [System.Management.Automation.Language.TypeExpressionAst] }, $true) | Should -BeNullOrEmpty
        $text | Should -Not -Match '\?\?|\?\.|&&|\|\||\bclass\b|-in\b|\[ordered\]|\$PSScriptRoot|\.Where\(|\.ForEach\('
    }

    It 'sets everything, each value as one argument' {
        $run = Invoke-Script 'PCI\VEN_1AF4&DEV_1041'
        $run.Result | Should -Be 'exit 0'
        $expected = @(
            'interface|ipv4|set|address|name=12|source=static|address=192.0.2.22|mask=255.255.255.0|gateway=none'
            'interface|ipv4|add|address|name=12|address=192.0.2.23|mask=255.255.255.128'
            'interface|ipv4|add|address|name=12|gateway=192.0.2.1'
            'interface|ipv4|set|dnsserver|name=12|source=static|address=192.0.2.53|register=primary|validate=no'
            'interface|ipv4|add|dnsserver|name=12|address=192.0.2.54|validate=no'
            'registry|Domain|example.org'
            'interface|ipv4|set|winsserver|name=12|source=static|address=192.0.2.60'
            'registry|NetbiosOptions|2'
            'interface|ipv4|set|interface|interface=12|metric=10'
            'interface|ipv4|set|subinterface|interface=12|mtu=9000|store=persistent'
            'interface|ipv6|add|address|interface=12|address=2001:db8::22/64|store=persistent'
            'interface|ipv6|add|route|prefix=::/0|interface=12|nexthop=2001:db8::1|store=persistent'
            'interface|ipv6|set|dnsserver|name=12|source=static|address=2001:db8::53|register=primary|validate=no'
            'interface|ipv4|add|route|prefix=10.0.0.0/8|interface=12|nexthop=192.0.2.254|store=persistent'
            "interface|set|interface|name=Ethernet|newname=Jürgen's LAN"
        )
        ($run.Log -join "`n") | Should -BeExactly ($expected -join "`n")
    }

    It 'asks for another start while the card is not a VirtIO one' { (Invoke-Script 'PCI\VEN_8086&DEV_10D3').Result | Should -Be 'exit 1237' }

    It 'leaves alone what is no card' { (Invoke-Script 'ROOT\VMS_MP\0000').Result | Should -Be 'exit 1' }
}
