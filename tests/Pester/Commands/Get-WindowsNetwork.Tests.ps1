BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Guests.ps1'))
    $errorSource = 'Hyper2Kvm.PowerShell.Commands.GetWindowsNetworkCommand'
}

Describe 'Get-WindowsNetwork' {
    BeforeAll {
        $disk = New-Guest
        $hash = Get-Sha256 $disk
        $network = Get-WindowsLayout $disk | Get-WindowsNetwork
    }

    It 'puts out one object that carries its layout and image' {
        @($network) | Should -HaveCount 1
        $network | Should -BeOfType ([Hyper2Kvm.WindowsNetwork])
        $network.Layout | Should -BeOfType ([Hyper2Kvm.WindowsLayout])
        $network.ImagePath | Should -BeExactly $disk
        "$network" | Should -BeExactly $disk
    }

    It 'only reads the disk' { Get-Sha256 $disk | Should -Be $hash }

    It 'reads the overlay of an edit' {
        $edit = New-SamplePlan $disk | Add-BootStartStorage
        ($edit | Get-WindowsNetwork).ImagePath | Should -BeExactly $edit.ImagePath
    }

    It 'says what is not there' {
        $run = Invoke-Recorded { Get-WindowsLayout $disk | Get-WindowsNetwork -ImagePath "$disk.missing" }
        $run.Output | Should -BeNullOrEmpty
        $run.Errors[0].FullyQualifiedErrorId | Should -BeExactly "FileNotFound,$errorSource"
    }
}
