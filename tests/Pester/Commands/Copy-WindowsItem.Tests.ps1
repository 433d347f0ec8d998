BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Guests.ps1'))
    $errorSource = 'Hyper2Kvm.PowerShell.Commands.CopyWindowsItemCommand'
    $null = New-PSDrive -Name copywin -PSProvider WindowsDisk -Root (New-Guest) -Scope Global
}

AfterAll { Remove-PSDrive copywin }

Describe 'Copy-WindowsItem' {
    It 'copies a file with its content and time, under its own name or a new one' {
        $folder = New-Folder
        $item = Get-Item copywin:\Windows\System32\config\SYSTEM
        Copy-WindowsItem copywin:\Windows\System32\config\SYSTEM $folder | Should -BeNullOrEmpty
        $copy = $item | Copy-WindowsItem -Destination "$folder/new" -PassThru
        $copy | Should -BeOfType ([Hyper2Kvm.WindowsItemCopy])
        $copy.Path | Should -Be ([System.IO.Path]::Combine($folder, 'new'))
        Get-Sha256 "$folder/new" | Should -Be (Get-Sha256 "$folder/SYSTEM")
        [System.IO.File]::ReadAllBytes("$folder/new")[0..3] | Should -Be ([byte[]] (0x72, 0x65, 0x67, 0x66))
        [System.IO.File]::GetLastWriteTimeUtc("$folder/new") | Should -Be $item.LastWriteTimeUtc
    }

    It 'copies a folder with all below it' {
        $folder = New-Folder
        $expected = @(Get-ChildItem copywin:\Users -Recurse).Where({ -not $_.PSIsContainer })
        $copies = @(Copy-WindowsItem copywin:\Users $folder -Recurse -PassThru)
        $copies | Should -HaveCount $expected.Count
        [System.IO.File]::Exists("$folder/Users/Jürgen Größe/Dokumente/Übersicht Änderungen/Notiz.txt") | Should -BeTrue
    }

    It 'does nothing under -WhatIf' {
        $folder = New-Folder
        Copy-WindowsItem copywin:\Windows\System32\config\SYSTEM $folder -WhatIf
        @([System.IO.Directory]::GetFileSystemEntries($folder)) | Should -HaveCount 0
    }

    It 'refuses <Id>' -ForEach @(
        @{ Id = 'CopyNeedsRecurse'; Path = 'copywin:\Windows' }
        @{ Id = 'GuestPathNotFound'; Path = 'copywin:\nothing' }
        @{ Id = 'PathNotOnWindowsDisk'; Path = 'Temp:\' }
        @{ Id = 'DestinationExists'; Path = 'copywin:\Windows\System32\config\SYSTEM' }
    ) {
        $folder = New-Folder
        [System.IO.File]::WriteAllText("$folder/SYSTEM", 'here')
        $run = Invoke-Recorded { Copy-WindowsItem -LiteralPath $Path -Destination $folder }
        $run.Errors[0].FullyQualifiedErrorId | Should -BeExactly "$Id,$errorSource"
        [System.IO.File]::ReadAllText("$folder/SYSTEM") | Should -Be 'here'
    }

    It 'replaces a file with -Force' {
        $folder = New-Folder
        [System.IO.File]::WriteAllText("$folder/SYSTEM", 'here')
        Copy-WindowsItem copywin:\Windows\System32\config\SYSTEM $folder -Force
        [System.IO.FileInfo]::new("$folder/SYSTEM").Length | Should -Be (Get-Item copywin:\Windows\System32\config\SYSTEM).Length
    }
}
