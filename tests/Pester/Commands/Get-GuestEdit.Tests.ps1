BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Guests.ps1'))
    $errorSource = 'Hyper2Kvm.PowerShell.Commands.GetGuestEditCommand'
}

Describe 'Get-GuestEdit' {
    BeforeAll {
        $disk = New-Guest
        $edit = New-SamplePlan $disk | Add-BootStartStorage
        $edit2 = $edit | Set-CriticalDeviceDatabase
    }

    It 'reads the edits of a disk, newest last' {
        $records = @(Get-GuestEdit $disk)
        $records | Should -HaveCount 2
        $records[0] | Should -BeOfType ([Hyper2Kvm.GuestEditRecord])
        $records[0].Steps | Should -Be $edit.Steps
        $records[1].Steps | Should -Be $edit2.Steps
        $records[0].LogPath | Should -BeExactly $edit.LogPath
        "$($records[0])" | Should -BeExactly $edit.ImagePath
    }

    It 'takes overlays, logs and edits' {
        @(Get-GuestEdit -LiteralPath $edit.ImagePath) | Should -HaveCount 2
        @(Get-GuestEdit $edit.LogPath) | Should -HaveCount 2
        @($edit | Get-GuestEdit) | Should -HaveCount 2
    }

    It 'has the hash of the overlay as it is' {
        (Get-GuestEdit $disk)[-1].ImageSha256 | Should -Be (Get-Sha256 $edit.ImagePath)
    }

    It 'writes no log in a rehearsal' {
        $other = New-Guest
        $preview = New-SamplePlan $other | Add-BootStartStorage -WhatIf
        $preview.LogPath | Should -BeNullOrEmpty
        $run = Invoke-Recorded { Get-GuestEdit $other }
        $run.Errors[0].FullyQualifiedErrorId | Should -BeExactly "ChangeLogNotFound,$errorSource"
    }

    It 'tells a line that was cut off, and a damaged one, and reads the others' {
        $other = New-Guest
        $log = (New-SamplePlan $other | Add-BootStartStorage).LogPath
        $line = [System.IO.File]::ReadAllText($log)
        [System.IO.File]::WriteAllText($log, "no record`n$line" + $line.Substring(0, 100))
        $run = Invoke-Recorded { Get-GuestEdit $log }
        $run.Output | Should -HaveCount 1
        $run.Output[0].Line | Should -Be 2
        $run.Errors | Should -HaveCount 1
        $run.Errors[0].FullyQualifiedErrorId | Should -BeExactly "ChangeLogDamaged,$errorSource"
        $run.Warnings | Should -HaveCount 1
    }
}
