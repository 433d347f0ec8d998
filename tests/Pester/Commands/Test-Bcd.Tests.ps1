BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Guests.ps1'))
    $errorSource = 'Hyper2Kvm.PowerShell.Commands.TestBcdCommand'
}

Describe 'Test-Bcd on <Guest>' -ForEach @(
    @{ Guest = 'sample-win2022'; Bootable = $true; Ids = @() }
    @{ Guest = 'win7-bios'; Bootable = $true; Ids = @() }
    @{ Guest = 'no-fallback-loader'; Bootable = $false; Ids = @('BcdFallbackLoaderMissing') }
    @{ Guest = 'no-boot-store'; Bootable = $false; Ids = @('BcdStoreMissing') }
    @{ Guest = 'foreign-boot-store'; Bootable = $false; Ids = @('BcdDeviceNotOnDisk') }
) {
    It 'finds what is wrong and nothing else' {
        $disk = New-Guest $Guest
        $hash = Get-Sha256 $disk
        $test = Get-WindowsLayout $disk | Test-Bcd
        $test | Should -BeOfType ([Hyper2Kvm.BcdTest])
        $test.IsBootable | Should -Be $Bootable
        [System.Linq.Enumerable]::Distinct([string[]] @($test.Findings.Id).Where({ $_ })) | Should -BeExactly $Ids
        foreach ($finding in $test.Findings) {
            $finding.Place | Should -Not -BeNullOrEmpty
            $finding.Remedy | Should -Not -BeNullOrEmpty
        }
        "$test" | Should -BeExactly $disk
        Get-Sha256 $disk | Should -Be $hash
    }
}

Describe 'Test-Bcd' {
    It 'takes paths, and reads the edited image of an edit' {
        $disk = New-Guest
        (Test-Bcd $disk).IsBootable | Should -BeTrue
        $test = New-SamplePlan $disk | Add-BootStartStorage | Test-Bcd
        $test.ImagePath | Should -BeLike '*.kvm.qcow2'
        $test.Plan.Bus | Should -Be 'VirtioBlk'
    }

    It 'says that an image is not there, and goes on' {
        $disk = New-Guest
        $run = Invoke-Recorded { './nowhere.vmdk', $disk | Test-Bcd }
        $run.Errors.FullyQualifiedErrorId | Should -BeExactly "ImageNotFound,$errorSource"
        $run.Output.ImagePath | Should -BeExactly $disk
    }
}
