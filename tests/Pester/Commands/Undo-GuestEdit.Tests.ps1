BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Guests.ps1'))
    $errorSource = 'Hyper2Kvm.PowerShell.Commands.UndoGuestEditCommand'
    $addSource = 'Hyper2Kvm.PowerShell.Commands.AddBootStartStorageCommand'

    # What a folder holds but for the logs of edits, which stay.
    function Get-DiskSnapshot([string] $Folder) {
        (Get-Snapshot $Folder).Split("`n").Where({ $_ -notmatch '\.h2kv\.jsonl ' }) -join "`n"
    }

    # The sample as a raw disk, which can be edited in place.
    function New-RawGuest {
        $target = [System.IO.Path]::Combine((New-Folder), 'web01.raw')
        & qemu-img convert -O raw (New-Guest) $target
        $target
    }
}

BeforeDiscovery {
    $hasQemu = @(Get-Command qemu-img -CommandType Application -ErrorAction SilentlyContinue).Count -gt 0
}

Describe 'Undo-GuestEdit of an overlay' {
    BeforeEach {
        $disk = New-Guest
        $before = Get-DiskSnapshot (Get-GuestFolder $disk)
        $edit = New-SamplePlan $disk | Add-BootStartStorage
    }

    It 'removes it, for the edit in the pipeline' {
        $undone = $edit | Undo-GuestEdit
        $undone | Should -BeOfType ([Hyper2Kvm.UndoneEdit])
        $undone.Mode | Should -Be 'Overlay'
        $undone.ImagePath | Should -BeExactly $disk
        $undone.RemovedPath | Should -BeExactly $edit.ImagePath
        Get-DiskSnapshot (Get-GuestFolder $disk) | Should -BeExactly $before
    }

    It 'removes it, for the image beneath' {
        (Undo-GuestEdit $disk).RemovedPath | Should -BeExactly $edit.ImagePath
        Get-DiskSnapshot (Get-GuestFolder $disk) | Should -BeExactly $before
    }

    It 'is told in the change log, after the edit' {
        $null = $edit | Undo-GuestEdit
        $records = @(Get-GuestEdit $disk)
        $records.Mode | Should -Be 'Overlay', 'Undo'
        $records[1].UndoneEdits | Should -Be 1
        $records[1].ImagePath | Should -BeExactly $disk
        $records[1].GuestHostName | Should -BeExactly $records[0].GuestHostName
    }

    It 'says that there is nothing to undo the second time' {
        $null = Undo-GuestEdit $disk
        { Undo-GuestEdit $disk -ErrorAction Stop } | Should -Throw -ErrorId "NothingToUndo,$errorSource"
    }

    It 'has no single steps' {
        { Undo-GuestEdit $disk -Last -ErrorAction Stop } | Should -Throw -ErrorId "NothingToUndo,$errorSource"
        $edit.ImagePath | Should -Exist
    }

    It 'does nothing with -WhatIf' {
        $edited = Get-DiskSnapshot (Get-GuestFolder $disk)
        $edit | Undo-GuestEdit -WhatIf | Should -BeNullOrEmpty
        Get-DiskSnapshot (Get-GuestFolder $disk) | Should -BeExactly $edited
    }

    It 'keeps one that was written to, without -Force' {
        [System.IO.File]::SetLastWriteTimeUtc($edit.ImagePath, [datetime]::UtcNow.AddMinutes(1))
        { $edit | Undo-GuestEdit -ErrorAction Stop } | Should -Throw -ErrorId "OverlayChangedSinceEdit,$errorSource"
        $edit.ImagePath | Should -Exist
        $undone = $edit | Undo-GuestEdit -Force -WarningAction SilentlyContinue
        $undone.RemovedPath | Should -Not -Exist
    }
}

Describe 'Undo-GuestEdit of an edit in place' -Skip:(-not $hasQemu) {
    BeforeEach {
        $disk = New-RawGuest
        $folder = [System.IO.Path]::GetDirectoryName($disk)
        $before = Get-DiskSnapshot $folder
        $plan = New-SamplePlan $disk
    }

    It 'restores the disk byte for byte' {
        $edit = $plan | Add-BootStartStorage -InPlace -Force | Set-CriticalDeviceDatabase -InPlace -Force
        $edit.Mode | Should -Be 'InPlace'
        $edit.ImagePath | Should -BeExactly $disk
        $edit.UndoPath | Should -BeExactly "$disk.2.h2kv-undo"
        $edit.UndoPath | Should -Exist
        (Get-WindowsLayout $disk).IsVirtioBootReady | Should -BeTrue
        $undone = $edit | Undo-GuestEdit
        $undone.Edits | Should -Be 2
        $undone.Mode | Should -Be 'InPlace'
        Get-DiskSnapshot $folder | Should -BeExactly $before
    }

    It 'takes back the last one with -Last' {
        $null = $plan | Add-BootStartStorage -InPlace -Force
        $first = Get-DiskSnapshot $folder
        $null = $plan | Set-CriticalDeviceDatabase -InPlace -Force
        (Undo-GuestEdit $disk -Last).Edits | Should -Be 1
        Get-DiskSnapshot $folder | Should -BeExactly $first
    }

    It 'refuses a disk that was written to since' {
        $null = $plan | Add-BootStartStorage -InPlace -Force
        [System.IO.File]::SetLastWriteTimeUtc($disk, [datetime]::UtcNow.AddMinutes(1))
        { Undo-GuestEdit $disk -ErrorAction Stop } | Should -Throw -ErrorId "DiskChangedSinceEdit,$errorSource"
        (Undo-GuestEdit $disk -Force).Edits | Should -Be 1
        Get-DiskSnapshot $folder | Should -BeExactly $before
    }

    It 'asks before an edit in place, whatever $ConfirmPreference says' {
        $script = "Get-WindowsLayout '$disk' | New-VirtioDriverPlan '$driverIso' -WarningAction SilentlyContinue | Add-BootStartStorage -InPlace -Confirm:`$false | ForEach-Object { 'out' }"
        $run = Invoke-Shell @('-NoProfile', '-Command', $script) "n`n"
        $run.Output | Should -Not -Match '(?m)^out'
        Get-DiskSnapshot $folder | Should -BeExactly $before
    }

    It 'rehearses an edit in place with -WhatIf' {
        $edit = $plan | Add-BootStartStorage -InPlace -WhatIf
        $edit.Mode | Should -Be 'Preview'
        $edit.BytesChanged | Should -BeGreaterThan 0
        Get-DiskSnapshot $folder | Should -BeExactly $before
    }

    It 'refuses a half-done edit everywhere, and takes it back' {
        $edit = $plan | Add-BootStartStorage -InPlace -Force
        [System.IO.File]::Move($edit.UndoPath, "$disk.h2kv-pending")
        { Get-WindowsLayout $disk -ErrorAction Stop } | Should -Throw -ErrorId 'EditUnfinished,Hyper2Kvm.PowerShell.Commands.GetWindowsLayoutCommand'
        { $plan | Add-BootStartStorage -WhatIf -ErrorAction Stop } | Should -Throw -ErrorId "EditUnfinished,$addSource"
        (Undo-GuestEdit $disk).Edits | Should -Be 1
        Get-DiskSnapshot $folder | Should -BeExactly $before
    }
}

Describe 'An edit in place' {
    It 'is refused whole where the image does not hold its bytes as they are' {
        $disk = New-Guest
        $before = Get-DiskSnapshot (Get-GuestFolder $disk)
        { New-SamplePlan $disk | Add-BootStartStorage -InPlace -Force -ErrorAction Stop } | Should -Throw -ErrorId "InPlaceNotSupported,$addSource"
        { New-SamplePlan $disk | Add-BootStartStorage -InPlace -Force -Destination x.qcow2 -ErrorAction Stop } |
            Should -Throw -ErrorId "DestinationInPlace,$addSource"
        Get-DiskSnapshot (Get-GuestFolder $disk) | Should -BeExactly $before
    }
}
