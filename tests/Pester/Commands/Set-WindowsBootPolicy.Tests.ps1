BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Guests.ps1'))
    $errorSource = 'Hyper2Kvm.PowerShell.Commands.SetWindowsBootPolicyCommand'
}

Describe 'Set-WindowsBootPolicy' {
    It 'writes what is asked for, and only that' {
        $disk = New-Guest
        $hash = Get-Sha256 $disk
        $edit = Get-WindowsLayout $disk | Set-WindowsBootPolicy -SanPolicy OnlineAll -AutoReboot:$false
        $edit | Should -BeOfType ([Hyper2Kvm.GuestEdit])
        $edit.Steps | Should -BeExactly 'BootPolicy'
        @($edit.Changes.Target).Where({ $_ -like '*\SanPolicy' }) | Should -HaveCount 1
        @($edit.Changes.Target).Where({ $_ -like '*\AutoReboot' }) | Should -HaveCount 1
        @($edit.Changes.Target).Where({ $_ -like '*\CrashDumpEnabled' -or $_ -like '*Lsa*' }) | Should -BeNullOrEmpty
        Get-Sha256 $disk | Should -Be $hash
        (Get-WindowsLayout $disk | Set-WindowsBootPolicy -SanPolicy OnlineAll -AutoReboot:$false).BytesChanged | Should -Be 0
    }

    It 'rehearses with -WhatIf, and goes on from an edit' {
        $disk = New-Guest
        $before = Get-Snapshot (Get-GuestFolder $disk)
        $edit = Get-WindowsLayout $disk | Set-WindowsBootPolicy -CrashDump Kernel -WhatIf | Set-WindowsBootPolicy -DisableCredentialGuard -WhatIf
        $edit.Mode | Should -Be 'Preview'
        $edit.Steps | Should -HaveCount 2
        Get-Snapshot (Get-GuestFolder $disk) | Should -BeExactly $before
    }

    It 'does not do nothing in silence' {
        $run = Invoke-Recorded { Get-WindowsLayout (New-Guest) | Set-WindowsBootPolicy }
        $run.Errors.FullyQualifiedErrorId | Should -BeExactly "BootPolicyEmpty,$errorSource"
        (Invoke-Recorded { Get-WindowsLayout (New-Guest) | Set-WindowsBootPolicy -SanPolicy Sometimes }).Errors.Count | Should -Be 1
    }
}
