BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Guests.ps1'))
    $errorSource = 'Hyper2Kvm.PowerShell.Commands.NewVirtioDriverPlanCommand'
    $disk = New-Guest
    $layout = Get-WindowsLayout $disk

    function New-RuleFile([string] $Text) {
        $file = [System.IO.Path]::Combine((New-Folder), 'own.yaml')
        [System.IO.File]::WriteAllText($file, $Text)
        $file
    }
}

Describe 'New-VirtioDriverPlan' {
    It 'chooses the drivers for the sample guest' {
        $plan = $layout | New-VirtioDriverPlan -DriverSource $driverIso -WarningAction SilentlyContinue
        $plan | Should -BeOfType ([Hyper2Kvm.VirtioDriverPlan])
        $plan.ImagePath | Should -BeExactly $disk
        $plan.Layout.ImagePath | Should -BeExactly $disk
        $plan.Source | Should -BeExactly $driverIso
        $plan.MatchedRule | Should -Be '2k22'
        $plan.Bus | Should -Be 'VirtioBlk'
        $plan.Storage.Name | Should -Be @('viostor', 'vioscsi')
        $plan.Storage[0].SourceDirectory | Should -Be 'viostor/2k22/amd64'
        $plan.Storage[0].Service.Name | Should -Be 'viostor'
        $plan.Storage[0].HardwareIds | Should -Contain 'PCI\VEN_1AF4&DEV_1042&SUBSYS_11001AF4&REV_01'
    }

    It 'takes the source by position' {
        ($layout | New-VirtioDriverPlan $driverIso -WarningAction SilentlyContinue).Source | Should -BeExactly $driverIso
    }

    It 'takes the layout by name' {
        (New-VirtioDriverPlan -Layout $layout -DriverSource $driverIso -WarningAction SilentlyContinue).ImagePath | Should -BeExactly $disk
    }

    It 'takes the layout from an object that carries one, and the image of that object' {
        $edit = New-SamplePlan (New-Guest) | Add-BootStartStorage
        $plan = $edit | New-VirtioDriverPlan -DriverSource $driverIso -WarningAction SilentlyContinue
        $plan.ImagePath | Should -BeExactly $edit.ImagePath
    }

    It 'puts the driver for -Bus first' {
        $plan = $layout | New-VirtioDriverPlan $driverIso -Bus VirtioScsi -WarningAction SilentlyContinue
        $plan.Bus | Should -Be 'VirtioScsi'
        $plan.Storage[0].Name | Should -Be 'vioscsi'
    }

    It 'refuses a bus that there is not' {
        { $layout | New-VirtioDriverPlan $driverIso -Bus Sata } | Should -Throw -ErrorId "CannotConvertArgumentNoMessage,$errorSource"
    }

    It 'chooses for Windows 7' {
        $plan = Get-WindowsLayout (New-Guest 'win7-bios') | New-VirtioDriverPlan $driverIso -WarningAction SilentlyContinue
        $plan.MatchedRule | Should -Be 'w7'
        $plan.Storage[0].SourceDirectory | Should -Be 'viostor/w7/amd64'
    }

    It 'warns of a driver without a signature, in the stream and in the object' {
        $run = Invoke-Recorded { $layout | New-VirtioDriverPlan $driverIso }
        @($run.Warnings.Message) -join "`n" | Should -Match 'viostor\.sys'
        $run.Output[0].Warnings | Should -Be @($run.Warnings.Message)
    }

    It 'refuses a driver that this Windows does not load, unless told to take it' {
        $run = Invoke-Recorded { $layout | New-VirtioDriverPlan $driverIso -AllowUnsignedDriver:$false }
        $run.Output | Should -BeNullOrEmpty
        $run.Errors[0].FullyQualifiedErrorId | Should -Be "DriverSignatureRefused,$errorSource"
        $plan = $layout | New-VirtioDriverPlan $driverIso -AllowUnsignedDriver -WarningAction SilentlyContinue
        $plan.AllowsUnsignedDrivers | Should -BeTrue
        $plan.Storage[0].SignatureObstacle | Should -Match 'no signature'
        $plan.Storage[0].Signatures[0].Kind | Should -Be 'None'
        $plan.Warnings -join "`n" | Should -Match '0xC0000428'
    }

    It 'says with -Verbose what it chose' {
        (Invoke-Recorded { $layout | New-VirtioDriverPlan $driverIso -Verbose }).Verbose.Message -join "`n" | Should -Match 'viostor/2k22/amd64'
    }

    It 'makes one plan for each layout' {
        $win7 = Get-WindowsLayout (New-Guest 'win7-bios')
        (@($layout, $win7) | New-VirtioDriverPlan $driverIso -WarningAction SilentlyContinue).MatchedRule | Should -Be @('2k22', 'w7')
    }

    It 'writes nothing' {
        $before = Get-Snapshot (Get-GuestFolder $disk)
        $null = $layout | New-VirtioDriverPlan $driverIso -WarningAction SilentlyContinue
        Get-Snapshot (Get-GuestFolder $disk) | Should -BeExactly $before
    }

    It 'is text and a path like its image' {
        $plan = $layout | New-VirtioDriverPlan $driverIso -WarningAction SilentlyContinue
        "$plan" | Should -BeExactly $disk
        $plan.PSPath | Should -BeExactly $disk
    }

    It 'does not take an object that has lost its type: <_>' -ForEach 'deserialized', 'selected' {
        $old = $_ -eq 'selected' ?
            [pscustomobject] @{ ImagePath = $layout.ImagePath; Format = 'Vmdk' } :
            [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($layout))
        $run = Invoke-Recorded { $old | New-VirtioDriverPlan $driverIso }
        $run.Output | Should -BeNullOrEmpty
        $run.Errors.FullyQualifiedErrorId | Should -BeLike "InputObject*,$errorSource"
    }
}

Describe 'New-VirtioDriverPlan -RuleFile' {
    It 'lays a rule of the user over the others' {
        $rules = New-RuleFile "version: 1`nrules:`n  - {name: ours, builds: {from: 20348, to: 20348}, product: server, architectures: [x64], directories: [w10]}`n"
        $plan = $layout | New-VirtioDriverPlan $driverIso -RuleFile $rules -WarningAction SilentlyContinue
        $plan.MatchedRule | Should -Be 'ours'
        $plan.Storage[0].SourceDirectory | Should -Be 'viostor/w10/amd64'
    }

    It 'lets the last file win' {
        $first = New-RuleFile "version: 1`nrules:`n  - {name: ours, builds: {from: 1}, product: any, architectures: [x64], directories: [w10]}`n"
        $second = New-RuleFile "version: 1`nrules:`n  - {name: ours, builds: {from: 1}, product: any, architectures: [x64], directories: [w11]}`n"
        ($layout | New-VirtioDriverPlan $driverIso -RuleFile $first, $second -WarningAction SilentlyContinue).Storage[0].SourceDirectory |
            Should -Be 'viostor/w11/amd64'
    }

    It 'takes JSON too' {
        $rules = New-RuleFile '{"version": 1, "rules": [{"name": "ours", "builds": {"from": 1}, "product": "any", "architectures": ["x64"], "directories": ["w10"]}]}'
        ($layout | New-VirtioDriverPlan $driverIso -RuleFile $rules -WarningAction SilentlyContinue).MatchedRule | Should -Be 'ours'
    }

    It 'takes the drivers of another vendor from a folder of its own shape' {
        $vendor = New-Folder
        $package = [System.IO.Directory]::CreateDirectory([System.IO.Path]::Combine($vendor, 'acme', 'server', 'amd64')).FullName
        $source = [Hyper2Kvm.Drivers.DriverSource]::Open($driverIso)
        try {
            foreach ($file in $source.List('viostor/2k22/amd64')) {
                $bytes = [Hyper2Kvm.Blocks.BlockDeviceExtensions]::ReadAll($source.OpenFile("viostor/2k22/amd64/$($file.Name)"), 1MB, 'TooLarge', $file.Name)
                [System.IO.File]::WriteAllBytes([System.IO.Path]::Combine($package, $file.Name), $bytes)
            }
        } finally {
            $source.Dispose()
        }
        $rules = New-RuleFile @'
version: 1
layouts: ["{driver}/{os}/{arch}"]
drivers:
  - name: viostor
    role: storage
    bus: virtio-blk
    directories: [acme]
    inf: viostor.inf
    service: viostor
    classGuid: 4d36e97b-e325-11ce-bfc1-08002be10318
    ids: [PCI\VEN_1AF4&DEV_1042]
rules:
  - {name: acme, builds: {from: 20348}, product: any, architectures: [x64], directories: [server]}
'@
        $plan = $layout | New-VirtioDriverPlan $vendor -RuleFile $rules -WarningAction SilentlyContinue
        $plan.MatchedRule | Should -Be 'acme'
        $plan.Storage.Name | Should -Be 'viostor'
        $plan.Storage[0].SourceDirectory | Should -Be 'acme/server/amd64'
        ($plan | Add-BootStartStorage -WhatIf).Layout.ImagePath | Should -BeExactly $disk
    }
}
