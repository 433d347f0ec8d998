BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Guests.ps1'))
    $errorSource = 'Hyper2Kvm.PowerShell.Commands.AddFirstBootActionCommand'

    function New-HostFile([string] $Name, [string] $Text = 'exit /b 0') {
        $file = [System.IO.Path]::Combine((New-Folder), $Name)
        [System.IO.File]::WriteAllText($file, $Text)
        $file
    }
}

Describe 'Add-FirstBootAction' {
    It 'lays actions into one overlay, in their order, and keeps the plan' {
        $disk = New-Guest
        $hash = Get-Sha256 $disk
        $edit = New-SamplePlan $disk | Add-FirstBootAction -Path (New-HostFile 'first.cmd') | Add-FirstBootAction -Path (New-HostFile 'agent.msi') -Name qemu-ga -RestartAfter
        $edit | Should -BeOfType ([Hyper2Kvm.GuestEdit])
        $edit.Plan | Should -Not -BeNullOrEmpty
        $edit.Steps | Should -Be 'FirstBoot-qemu-ga'
        @($edit.Changes.Target).Where({ $_ -like '*\actions\0002-qemu-ga\package.msi' }) | Should -HaveCount 1
        Get-Sha256 $disk | Should -Be $hash
    }

    It 'rehearses with -WhatIf, one action after the other' {
        $disk = New-Guest
        $before = Get-Snapshot (Get-GuestFolder $disk)
        $edit = Get-WindowsLayout $disk | Add-FirstBootAction -Path (New-HostFile 'first.cmd') -WhatIf | Add-FirstBootAction -Path (New-HostFile 'second.ps1') -WhatIf
        $edit.Mode | Should -Be 'Preview'
        @($edit.Changes.Target).Where({ $_ -like '*\actions\0002-second\script.ps1' }) | Should -HaveCount 1
        Get-Snapshot (Get-GuestFolder $disk) | Should -BeExactly $before
    }

    It 'refuses <Id>' -ForEach @(
        @{ Id = 'FirstBootKindUnknown'; File = 'a.vbs'; More = @{} }
        @{ Id = 'FirstBootArgumentInvalid'; File = 'a.cmd'; More = @{ ArgumentList = 'a & b' } }
        @{ Id = 'FirstBootNameInvalid'; File = 'a.cmd'; More = @{ Name = 'a b' } }
    ) {
        $disk = New-Guest
        $file = New-HostFile $File
        $run = Invoke-Recorded { Get-WindowsLayout $disk | Add-FirstBootAction -Path $file @More }
        $run.Output | Should -BeNullOrEmpty
        $run.Errors[0].FullyQualifiedErrorId | Should -BeExactly "$Id,$errorSource"
    }

    It 'says which file is not there' {
        $disk = New-Guest
        $run = Invoke-Recorded { Get-WindowsLayout $disk | Add-FirstBootAction -Path ./no-such.cmd }
        $run.Errors[0].FullyQualifiedErrorId | Should -BeExactly "FileNotFound,$errorSource"
    }
}
