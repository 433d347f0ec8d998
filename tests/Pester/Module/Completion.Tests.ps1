BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Guests.ps1'))
    function Get-Completion([string] $Line) { @([System.Management.Automation.CommandCompletion]::CompleteInput($Line, $Line.Length, $null).CompletionMatches.CompletionText) }
}

Describe 'Tab' {
    It 'offers after "<Line>" among others <Values>' -ForEach @(
        @{ Line = 'New-VirtioDriverPlan x.iso -Bus '; Values = 'VirtioBlk', 'VirtioScsi' }
        @{ Line = 'Test-VirtioReadiness x -Bus VirtioS'; Values = 'VirtioScsi' }
        @{ Line = 'Get-VirtioDriver x.iso -Device Block, '; Values = 'Network', 'Scsi' }
        @{ Line = 'Add-VirtioDriver -Device Ba'; Values = 'Balloon' }
        @{ Line = 'Invoke-KvmMigration x -Device '; Values = 'Network', 'Balloon' }
        @{ Line = 'Get-VirtioDriver x.iso -Architecture '; Values = 'X64', 'X86' }
        @{ Line = 'New-KvmDomainXml -Phase '; Values = 'Bootstrap', 'Final' }
        @{ Line = 'Test-KvmBoot x.xml -Until L'; Values = 'Loader', 'Logon' }
        @{ Line = 'Test-KvmBoot x.xml -Accelerator '; Values = 'Auto', 'Kvm', 'Tcg' }
        @{ Line = 'Test-KvmBoot x.xml -Connect qemu'; Values = "'qemu:///system'", "'qemu:///session'" }
        @{ Line = 'Invoke-KvmMigration x -NetworkName '; Values = , "'default'" }
        @{ Line = 'Invoke-KvmMigration x -NetworkPolicy '; Values = 'Preserve', 'Dhcp' }
        @{ Line = 'New-KvmDomainXml -KvmFolder /var'; Values = , "'/var/lib/libvirt/images'" }
        @{ Line = 'Convert-DiskImage x -ClusterSize 6'; Values = , '65536' }
    ) {
        $offered = Get-Completion $Line
        foreach ($value in $Values) { $offered | Should -Contain $value }
    }

    It 'leaves out devices that have no packages besides storage' {
        Get-Completion 'Add-VirtioDriver -Device ' | Should -Not -Contain 'Block'
    }

    It 'offers the partitions of the disk that hold a Windows' {
        $disk = New-Guest
        $number = [string] (Get-WindowsLayout $disk).WindowsPartition.Number
        foreach ($command in 'Get-WindowsLayout', 'Invoke-KvmMigration', 'Test-Bcd', 'Get-BcdStore', 'Test-VirtioReadiness') {
            Get-Completion "$command '$disk' -Partition " | Should -Be $number -Because $command
            Get-Completion "$command -LiteralPath '$disk' -Partition " | Should -Be $number -Because $command
        }
        Get-Completion "Get-WindowsLayout '$disk', x -Partition $number" | Should -Be $number
    }

    It 'says nothing, and fails not, where "<Path>" is no disk' -ForEach @(
        @{ Path = './nowhere.vmdk' }, @{ Path = 'nowhere:\x' }, @{ Path = '[ds] web01/web01.vmdk' }, @{ Path = '/' }, @{ Path = "a`0b" }, @{ Path = '*' }
    ) {
        $Error.Clear()
        # Where a completer has nothing to offer, PowerShell offers files.
        Get-Completion "Get-WindowsLayout -LiteralPath '$Path' -Partition 1" | Should -BeNullOrEmpty
        Get-Completion "Get-VirtioDriver '$Path' -Name zzz" | Should -BeNullOrEmpty
        $Error.Count | Should -Be 0
    }
}
