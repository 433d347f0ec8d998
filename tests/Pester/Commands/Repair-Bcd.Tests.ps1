BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Guests.ps1'))
    $errorSource = 'Hyper2Kvm.PowerShell.Commands.RepairBcdCommand'
}

Describe 'Repair-Bcd on <Guest>' -ForEach @(
    @{ Guest = 'foreign-boot-store'; Kinds = 'FileAdded', 'ValueChanged' }
    @{ Guest = 'no-fallback-loader'; Kinds = , 'FileAdded' }
) {
    BeforeAll {
        $disk = New-Guest $Guest
        $hash = Get-Sha256 $disk
        $out = New-Folder
        $edit = Get-WindowsLayout $disk | Repair-Bcd -OutputDirectory $out
    }

    It 'makes the disk start' {
        $edit | Should -BeOfType ([Hyper2Kvm.GuestEdit])
        $edit.Steps | Should -BeExactly 'BcdRepair'
        ($edit | Test-Bcd).IsBootable | Should -BeTrue
        [System.Linq.Enumerable]::Distinct([string[]] @($edit.Changes.Kind)).Where({ $_ -notin 'DirectoryAdded', 'Unchanged' }) | Should -BeExactly $Kinds
    }

    It 'keeps a copy of the store on the host, and the source as it is' {
        [System.IO.Directory]::GetFiles($out, '*.BCD-*').Count | Should -BeGreaterThan 0
        Get-Sha256 $disk | Should -Be $hash
    }

    It 'changes nothing a second time' {
        (Get-WindowsLayout $disk | Repair-Bcd -OutputDirectory $out).BytesChanged | Should -Be 0
        ($edit | Repair-Bcd -OutputDirectory $out).Changes | Should -BeNullOrEmpty
    }
}

Describe 'Repair-Bcd' {
    It 'rehearses with -WhatIf and writes nothing' {
        $disk = New-Guest 'foreign-boot-store'
        $before = Get-Snapshot (Get-GuestFolder $disk)
        $edit = Get-WindowsLayout $disk | Repair-Bcd -WhatIf
        $edit.Mode | Should -Be 'Preview'
        $edit.Changes.Kind | Should -Contain 'ValueChanged'
        Get-Snapshot (Get-GuestFolder $disk) | Should -BeExactly $before
    }

    It 'takes a test, and carries the plan on' {
        $disk = New-Guest 'no-fallback-loader'
        (Test-Bcd $disk | Repair-Bcd).ImagePath | Should -BeLike '*.kvm.qcow2'
        (New-SamplePlan $disk | Add-BootStartStorage | Repair-Bcd).Plan.Bus | Should -Be 'VirtioBlk'
    }

    It 'leaves a sound disk alone' {
        (Get-WindowsLayout (New-Guest) | Repair-Bcd).Changes | Should -BeNullOrEmpty
    }

    It 'refuses what it cannot know, and goes on with the next disk' {
        $disks = (New-Guest 'no-boot-store'), (New-Guest)
        $run = Invoke-Recorded { $disks | Get-WindowsLayout | Repair-Bcd }
        $run.Errors.FullyQualifiedErrorId | Should -BeExactly "BcdNotRepairable,$errorSource"
        $run.Output.SourcePath | Should -BeExactly $disks[1]
    }
}
