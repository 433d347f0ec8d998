BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Guests.ps1'))
    $errorSource = 'Hyper2Kvm.PowerShell.Commands.RemoveGuestToolCommand'
}

Describe 'Remove-GuestTool' {
    It 'switches services off and tells what they were' {
        $disk = New-Guest
        $hash = Get-Sha256 $disk
        $edit = Get-WindowsLayout $disk | Remove-GuestTool -Name VMware
        $edit | Should -BeOfType ([Hyper2Kvm.GuestEdit])
        $change = @($edit.Changes).Where({ $_.Target -like '*\Services\vmci\Start' })[0]
        $change.Before | Should -Be 'REG_DWORD 0x00000000'
        $change.After | Should -Be 'REG_DWORD 0x00000004'
        @($edit.Changes.Target).Where({ $_ -like '*pvscsi*' }) | Should -BeNullOrEmpty
        Get-Sha256 $disk | Should -Be $hash
    }

    It 'goes on from an edit and keeps its plan' {
        $edit = New-SamplePlan (New-Guest) | Add-BootStartStorage | Remove-GuestTool -Name VMware
        $edit.Plan | Should -Not -BeNullOrEmpty
        $edit.Steps | Should -Be 'RemoveGuestTool-VMware'
    }

    It 'rehearses with -WhatIf' {
        $disk = New-Guest
        $before = Get-Snapshot (Get-GuestFolder $disk)
        (Get-WindowsLayout $disk | Remove-GuestTool -Name VMware -WhatIf).Mode | Should -Be 'Preview'
        Get-Snapshot (Get-GuestFolder $disk) | Should -BeExactly $before
    }

    It 'says when there is nothing of it' {
        $disk = New-Guest
        $run = Invoke-Recorded { Get-WindowsLayout $disk | Remove-GuestTool -Name VMware, Xen }
        $run.Output | Should -BeNullOrEmpty
        $run.Errors[0].FullyQualifiedErrorId | Should -BeExactly "GuestToolNotFound,$errorSource"
    }
}
