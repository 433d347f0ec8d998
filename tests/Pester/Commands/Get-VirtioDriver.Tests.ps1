BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Guests.ps1'))
    $errorSource = 'Hyper2Kvm.PowerShell.Commands.GetVirtioDriverCommand'
}

Describe 'Get-VirtioDriver' {
    It 'lists what the ISO offers' {
        $driver = @(Get-VirtioDriver $driverIso).Where({ $_.InfPath -eq 'viostor/2k22/amd64/viostor.inf' })
        $driver | Should -HaveCount 1
        $driver[0] | Should -BeOfType ([Hyper2Kvm.VirtioDriver])
        $driver[0].Device | Should -Be 'Block'
        $driver[0].Architectures | Should -Be @('X64')
        $driver[0].HardwareIds | Should -Contain 'PCI\VEN_1AF4&DEV_1042'
        # The sample's catalog is a stand-in: no PKCS #7 message.
        $driver[0].Signature.Kind | Should -Be 'Damaged'
        $driver[0].Source | Should -BeExactly $driverIso
    }

    It 'selects by device, name and architecture' {
        $network = @(Get-VirtioDriver $driverIso -Device Network)
        $network.Count | Should -BeGreaterThan 0
        foreach ($driver in $network) { $driver.Name | Should -Be 'netkvm' }
        $scsi = @(Get-VirtioDriver $driverIso -Name VIOSC*)
        $scsi.Count | Should -BeGreaterThan 0
        foreach ($driver in $scsi) { $driver.Device | Should -Be 'Scsi' }
        foreach ($driver in Get-VirtioDriver $driverIso -Architecture X86) { $driver.Architectures | Should -Contain 'X86' }
    }

    It 'takes the source from the pipeline' {
        @($driverIso | Get-VirtioDriver -Name netkvm).Count | Should -BeGreaterThan 0
        @(Get-Item $driverIso | Get-VirtioDriver -Name netkvm).Count | Should -BeGreaterThan 0
    }

    It 'goes on after an INF that is damaged' {
        $folder = New-Folder
        [System.IO.File]::WriteAllText([System.IO.Path]::Combine($folder, 'bad.inf'), 'no INF')
        $run = Invoke-Recorded { $folder, $driverIso | Get-VirtioDriver }
        $run.Errors | Should -HaveCount 1
        $run.Errors[0].FullyQualifiedErrorId | Should -BeLike "Inf*,$errorSource"
        $run.Output.Count | Should -BeGreaterThan 0
    }

    It 'takes no disk image for a source, though a layout and a plan carry its path' {
        $layout = Get-WindowsLayout (New-Guest)
        foreach ($carrier in $layout, ($layout | New-VirtioDriverPlan $driverIso -WarningAction Ignore)) {
            $run = Invoke-Recorded { $carrier | Get-VirtioDriver }
            $run.Output | Should -BeNullOrEmpty
            $run.Errors.FullyQualifiedErrorId | Should -Be "DriverSourceInvalid,$errorSource"
        }
    }

    It 'says that there is no such source' {
        $run = Invoke-Recorded { Get-VirtioDriver './not-there.iso' }
        $run.Errors[0].FullyQualifiedErrorId | Should -Be "DriverSourceInvalid,$errorSource"
    }
}

Describe 'Completion of Get-VirtioDriver' {
    BeforeAll {
        function Get-Completion([string] $Line) { [System.Management.Automation.CommandCompletion]::CompleteInput($Line, $Line.Length, $null).CompletionMatches.CompletionText }
    }

    It 'offers the drivers of the ISO' {
        Get-Completion "Get-VirtioDriver '$driverIso' -Name vio" | Should -Be @('vioscsi', 'viostor')
        Get-Completion "Get-VirtioDriver -DriverSource '$driverIso' -Name " | Should -Be @('netkvm', 'vioscsi', 'viostor')
    }

    It 'offers the builds of the ISO, the newest first' {
        Get-Completion "Get-VirtioDriver '$driverIso' -Version " | Should -Be @('100.95.104.26200', '61.77.104.17200')
        Get-Completion "Get-VirtioDriver '$driverIso' -Name netkvm -Version 6" | Should -Be '61.77.104.17200'
    }

    It 'puts names in quotes that are more than a word, and runs nothing' {
        $folder = New-Folder
        [System.IO.File]::WriteAllText([System.IO.Path]::Combine($folder, 'a $(throw) b.inf'), '')
        Get-Completion "Get-VirtioDriver '$folder' -Name a" | Should -Be "'a `$(throw) b'"
    }

    It 'takes a path from where the session is' {
        $Context = $ExecutionContext.SessionState.Path
        $null = $Context.PushCurrentLocation('')
        try {
            $null = $Context.SetLocation([System.IO.Path]::GetDirectoryName($driverIso))
            Get-Completion "Get-VirtioDriver ./$([System.IO.Path]::GetFileName($driverIso)) -Name net" | Should -Be 'netkvm'
        }
        finally {
            $null = $Context.PopLocation('')
        }
    }

    It 'says nothing where there is no driver source' {
        Get-Completion 'Get-VirtioDriver ./nowhere.iso -Name ' | Should -BeNullOrEmpty
        Get-Completion 'Get-VirtioDriver -Version 1' | Should -BeNullOrEmpty
    }

    It 'takes a build' {
        [System.Collections.Generic.HashSet[string]]::new([string[]] (Get-VirtioDriver $driverIso -Version 61.*).Version) | Should -Be '61.77.104.17200'
    }
}
