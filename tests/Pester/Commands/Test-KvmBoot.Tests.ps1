BeforeDiscovery {
    $hasQemu = $null -ne (Get-Command qemu-system-x86_64 -CommandType Application -ErrorAction Ignore)
}

BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Guests.ps1'))
    $errorSource = 'Hyper2Kvm.PowerShell.Commands.TestKvmBootCommand'

    function New-Domain([string] $Disk, [string] $Folder) {
        Get-WindowsLayout $Disk | New-KvmDomainXml -OutputDirectory $Folder -MemoryMiB 256 -AllowNotReady -WarningAction SilentlyContinue
    }
}

Describe 'Test-KvmBoot in QEMU' -Skip:(-not $hasQemu) {
    BeforeAll {
        $disk = New-Guest 'win7-bios'
        $hash = Get-Sha256 $disk
        $out = New-Folder
        $results = @(New-Domain $disk $out | Test-KvmBoot -Accelerator Tcg -TimeoutSeconds 2)
    }

    It 'gives a result for each phase' {
        $results | Should -HaveCount 2
        $results[0] | Should -BeOfType ([Hyper2Kvm.KvmBootResult])
        $results.Phase | Should -Be @('Bootstrap', 'Final')
        $results[0].Accelerator | Should -BeExactly 'tcg'
    }

    It 'tells that nothing came of it, in words that lead on' {
        foreach ($result in $results) {
            $result.IsSuccess | Should -Be $false
            $result.Cause | Should -Not -BeNullOrEmpty
            $result.Remedy | Should -Not -BeNullOrEmpty
            $result.Milestones[0].Stage | Should -Be 'Firmware'
        }
    }

    It 'keeps the screen and the serial port beside the domain' {
        foreach ($result in $results) {
            $result.SerialLog | Should -Exist
            foreach ($file in $result.Screenshots) { $file | Should -Exist }
        }
        [System.IO.Path]::GetDirectoryName($results[0].SerialLog) | Should -BeExactly $out
    }

    It 'only reads the disk' { Get-Sha256 $disk | Should -Be $hash }

    It 'boots only the phases that are asked for' {
        $one = @(New-Domain $disk (New-Folder) | Test-KvmBoot -Phase Final -Accelerator Tcg -TimeoutSeconds 1)
        $one | Should -HaveCount 1
        $one[0].Phase | Should -Be 'Final'
    }

    It 'takes a file of domain XML' {
        $domain = @(New-Domain $disk (New-Folder))[0]
        (Test-KvmBoot $domain.Path -Accelerator Tcg -TimeoutSeconds 1).Name | Should -BeExactly $domain.Name
    }
}

Describe 'Test-KvmBoot' {
    It 'says which program is missing' {
        $disk = New-Guest 'win7-bios'
        { New-Domain $disk (New-Folder) | Test-KvmBoot -QemuPath './no-qemu' -ErrorAction Stop } | Should -Throw -ErrorId "ProgramNotFound,$errorSource"
    }

    It 'says that a disk of the domain is not here' {
        $disk = New-Guest 'win7-bios'
        $domains = @(New-Domain $disk (New-Folder))
        [System.IO.File]::Delete($disk)
        { $domains | Test-KvmBoot -ErrorAction Stop } | Should -Throw -ErrorId "BootDiskMissing,$errorSource"
    }

    It 'refuses a pattern that is none' {
        { New-Domain (New-Guest 'win7-bios') (New-Folder) | Test-KvmBoot -SerialPattern '(' -ErrorAction Stop } |
            Should -Throw -ErrorId "SerialPatternInvalid,$errorSource"
    }

    It 'refuses a file that is no domain' {
        $file = [System.IO.Path]::Combine((New-Folder), 'net.xml')
        [System.IO.File]::WriteAllText($file, '<network/>')
        { Test-KvmBoot $file -ErrorAction Stop } | Should -Throw -ErrorId "DomainXmlDamaged,$errorSource"
    }
}
