BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Guests.ps1'))
    $errorSource = 'Hyper2Kvm.PowerShell.Commands.TestVirtioReadinessCommand'
}

Describe 'Test-VirtioReadiness' {
    It 'says no before the edits, and why' {
        $disk = New-Guest
        $test = Get-WindowsLayout $disk | Test-VirtioReadiness
        $test | Should -BeOfType ([Hyper2Kvm.VirtioReadinessTest])
        $test.IsReady | Should -BeFalse
        "$test" | Should -BeExactly $disk
        $failed = @($test.Checks.Where({ -not $_.Passed }))
        $failed.Count | Should -BeGreaterThan 0
        foreach ($check in $failed) {
            $check.Evidence | Should -Not -BeNullOrEmpty
            $check.Remedy | Should -Not -BeNullOrEmpty
        }
    }

    It 'tells half of the work from the whole' {
        $half = New-SamplePlan (New-Guest) | Add-BootStartStorage
        $test = $half | Test-VirtioReadiness
        $test.ImagePath | Should -BeLike '*.kvm.qcow2'
        $test.IsReady | Should -BeFalse
        foreach ($check in $test.Checks.Where({ $_.IsRequired -and -not $_.Passed })) { $check.Id | Should -Be 'DeviceBinding' }
        $whole = $half | Set-CriticalDeviceDatabase | Test-VirtioReadiness
        $whole.IsReady | Should -BeTrue
        $whole.Plan.Bus | Should -Be 'VirtioBlk'
        $whole.ReadyDrivers | Should -Be @('viostor', 'vioscsi')
        $whole.InstalledDrivers | Should -BeNullOrEmpty
        (Test-VirtioReadiness $whole.ImagePath -Bus VirtioScsi).IsReady | Should -BeTrue
    }

    It 'says that an image is not there, and goes on' {
        $disk = New-Guest
        $run = Invoke-Recorded { './nowhere.vmdk', $disk | Test-VirtioReadiness }
        $run.Errors[0].FullyQualifiedErrorId | Should -Be "ImageNotFound,$errorSource"
        $run.Output.Count | Should -Be 1
    }
}
