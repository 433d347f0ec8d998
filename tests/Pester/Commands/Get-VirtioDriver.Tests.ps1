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

    It 'says that there is no such source' {
        $run = Invoke-Recorded { Get-VirtioDriver './not-there.iso' }
        $run.Errors[0].FullyQualifiedErrorId | Should -Be "DriverSourceInvalid,$errorSource"
    }
}
