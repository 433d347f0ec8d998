# The scripts of examples/, run as they are: in a shell of their own, where what is not on this host is a function with the same name.
BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Guests.ps1'))
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Machines.ps1'))
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Docs.ps1'))
    $examples = [System.IO.Path]::Combine($repository, 'examples')
    $sample = [System.IO.Path]::Combine($fixtures, 'sample-win2022', 'sample-win2022.vmdk')

    # The sample drivers are stand-ins without a signature.
    $unsigned = 'foreach ($c in "New-VirtioDriverPlan", "Invoke-KvmMigration") { $global:PSDefaultParameterValues["${c}:AllowUnsignedDriver"] = $true }; '

    function Invoke-Runbook([string] $Script, [string] $Arguments, [string] $Before = '') {
        Invoke-Shell -Arguments '-NoProfile', '-NonInteractive', '-Command', "$unsigned$Before; & '$examples/$Script' $Arguments; exit `$LASTEXITCODE"
    }
}

Describe 'Convert-OneVm.ps1' {
    It 'leaves an overlay and two domains, and the source as it was' {
        $disk = New-Guest
        $before = Get-Sha256 $disk
        $out = New-Folder
        $run = Invoke-Runbook 'Convert-OneVm.ps1' "'$disk' '$driverIso' '$out'"
        $run.ExitCode | Should -Be 0 -Because $run.Errors
        @([System.IO.Directory]::GetFiles($out, '*.xml')) | Should -HaveCount 2
        $run.Output | Should -Match 'edited disk: .+\.kvm\.qcow2'
        Get-Sha256 $disk | Should -Be $before
    }

    It 'ends at a guest that must not be edited' {
        $run = Invoke-Runbook 'Convert-OneVm.ps1' "'$(New-Guest hibernated)' '$driverIso' '$(New-Folder)'"
        $run.ExitCode | Should -Be 1
        $run.Output | Should -Match 'not ready: GuestHibernated'
    }
}

Describe 'Convert-OvaFolder.ps1' {
    It 'does all, logs, reports, and does nothing twice; a bad OVA is exit code 1' {
        $folder = New-Folder
        $out = New-Folder
        $null = New-Bundle $folder $sample 'web01.ova'
        $run = Invoke-Runbook 'Convert-OvaFolder.ps1' "'$folder' '$driverIso' '$out'"
        $run.ExitCode | Should -Be 0 -Because "$($run.Output) $($run.Errors)"
        [System.IO.File]::ReadAllText("$out/migration.log") | Should -Match 'Completed web01 -> .+qcow2'
        @([System.IO.Directory]::GetFiles("$out/web01", '*-report.html')) | Should -HaveCount 1
        [System.IO.File]::WriteAllText("$folder/bad.ova", 'no archive')
        $again = Invoke-Runbook 'Convert-OvaFolder.ps1' "'$folder' '$driverIso' '$out'"
        $again.ExitCode | Should -Be 1
        $again.Output | Should -Match 'Unchanged web01'
        $again.Output | Should -Match 'FAILED bad \[\w+\]'
    }

    It 'has exit code 2 where there is nothing' {
        (Invoke-Runbook 'Convert-OvaFolder.ps1' "'$(New-Folder)' '$driverIso' '$(New-Folder)'").ExitCode | Should -Be 2
    }
}

Describe 'Move-FromVMware.ps1' {
    It 'exports what is off and takes it to KVM' {
        $out = New-Folder
        $ovf = "$(New-Folder)/web01.ovf"
        [System.IO.File]::WriteAllText($ovf, (Get-OvfText 'web01-disk1.vmdk'))
        $before = @"
function Get-VM(`$Name) { foreach (`$n in `$Name) { [pscustomobject] @{ Name = `$n; PowerState = (`$n -eq 'web01' ? 'PoweredOff' : 'PoweredOn') } } }
function Export-VApp(`$VM, `$Destination, `$Format, [switch] `$CreateSeparateFolder) {
    [System.IO.File]::Copy('$ovf', "`$Destination/web01.ovf"); [System.IO.File]::Copy('$sample', "`$Destination/web01-disk1.vmdk")
    [System.IO.FileInfo]::new("`$Destination/web01.ovf"); [System.IO.FileInfo]::new("`$Destination/web01-disk1.vmdk")
}
"@
        $run = Invoke-Runbook 'Move-FromVMware.ps1' "web01, web02 -DriverSource '$driverIso' -OutputDirectory '$out' -RemoveGuestTool -NetworkMap @{ 'VM Network' = 'br0' } | ForEach-Object { `"`$(`$_.Name) `$(`$_.State)`" }" $before
        $run.Output | Should -Be 'web01 Completed' -Because $run.Errors
        $run.Errors | Should -Match 'web02 is PoweredOn'
        @([System.IO.Directory]::GetFiles("$out/web01", '*.xml')) | Should -HaveCount 2
        [System.IO.File]::ReadAllText(@([System.IO.Directory]::GetFiles("$out/web01", '*-final.xml'))[0]) | Should -Match "bridge=.br0."
    }
}

Describe 'Move-FromHyperV.ps1' {
    It 'takes a machine that is off, with what Hyper-V says beside it' {
        $disk = New-Guest
        $out = New-Folder
        $before = @"
function Get-VM(`$Name) { [pscustomobject] @{ Name = `$Name; Id = [guid] '4f0b6c2d-7a4e-4d8f-9c1b-0a6f3d2e5b71'; State = (`$Name -eq 'web01' ? 'Off' : 'Running'); Generation = 2; ProcessorCount = 4; MemoryStartup = 4GB
    HardDrives = @([pscustomobject] @{ Path = '$disk'; ControllerType = 'SCSI'; ControllerNumber = 0; ControllerLocation = 0 })
    NetworkAdapters = @([pscustomobject] @{ SwitchName = 'LAN'; MacAddress = '00155D012345' }) } }
function Get-VMFirmware(`$VMName) { [pscustomobject] @{ VMName = `$VMName; SecureBoot = 'Off'; BootOrder = @() } }
function Get-VMSecurity(`$VMName) { [pscustomobject] @{ VMName = `$VMName; TpmEnabled = `$false } }
"@
        $run = Invoke-Runbook 'Move-FromHyperV.ps1' "web01, web02 -DriverSource '$driverIso' -OutputDirectory '$out' | ForEach-Object { `"`$(`$_.Name) `$(`$_.State)`" }" $before
        $run.Output | Should -Be 'web01 Completed' -Because $run.Errors
        $run.Errors | Should -Match 'web02 is Running'
        @([System.IO.Directory]::GetFiles("$out/web01", '*-kvm.qcow2')) | Should -HaveCount 1
        @([System.IO.Directory]::GetFiles("$out/web01", '*-report.html')) | Should -HaveCount 1
    }
}

Describe 'Sync-ExportFolder.ps1' {
    It 'takes what is complete, once, and leaves what is being written' {
        $folder = New-Folder
        $out = New-Folder
        $old = New-Bundle $folder $sample 'old.ova'
        [System.IO.File]::SetLastWriteTimeUtc($old, [datetime]::UtcNow.AddHours(-1))
        $null = New-Bundle $folder $sample 'new.ova'
        $run = Invoke-Runbook 'Sync-ExportFolder.ps1' "'$folder' '$driverIso' '$out'"
        $run.Output | Should -Match 'old Completed'
        $run.Output | Should -Match 'new is still being written'
        $run.ExitCode | Should -Be 0 -Because $run.Errors
        (Invoke-Runbook 'Sync-ExportFolder.ps1' "'$folder' '$driverIso' '$out'").Output | Should -Match 'old Unchanged'
    }

    It 'ends at once when another run is at work' {
        $out = New-Folder
        $lock = [System.IO.File]::Open("$out/.sync.lock", 'OpenOrCreate', 'ReadWrite', 'None')
        try {
            (Invoke-Runbook 'Sync-ExportFolder.ps1' "'$(New-Folder)' '$driverIso' '$out'").ExitCode | Should -Be 3
        } finally {
            $lock.Dispose()
        }
    }
}

Describe 'Add-VendorDriver.ps1' {
    It 'takes the driver of the vendor, and says so when it cannot' {
        $drivers = New-Folder
        Expand-DriverIso $drivers 'viostor/2k22/amd64'
        $null = [System.IO.Directory]::CreateDirectory("$drivers/vendor/blk/2k22")
        [System.IO.Directory]::Move("$drivers/viostor/2k22/amd64", "$drivers/vendor/blk/2k22/amd64")
        $run = Invoke-Runbook 'Add-VendorDriver.ps1' "'$(New-Guest)' '$drivers'"
        $run.Output | Should -Match 'viostor .+ from vendor/blk/2k22/amd64'
        $run.Output | Should -Match 'edited disk'
        $run = Invoke-Runbook 'Add-VendorDriver.ps1' "'$(New-Guest)' '$(New-Folder)'"
        $run.ExitCode | Should -Not -Be 0
    }
}

Describe 'Invoke-OnManyHosts.ps1' {
    It 'gives each host its machines, and has exit code 1 when one failed' {
        $a = New-Guest
        $out = New-Folder
        # Runs on one host after the other, and hands back what came through the serializer, as remoting does.
        $before = @'
function Invoke-Command([string[]] $HostName, [int] $ThrottleLimit, [scriptblock] $ScriptBlock, [object[]] $ArgumentList) {
    foreach ($name in $HostName) {
        $env:SSH_CONNECTION = "192.0.2.1 50000 $name 22"
        foreach ($result in & $ScriptBlock @ArgumentList) {
            $back = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($result, 2))
            $back.PSObject.Properties.Add([psnoteproperty]::new('PSComputerName', $name))
            $back
        }
    }
}
'@
        $machines = "`$m = [pscustomobject] @{ HostName = 'kvm01'; Path = '$a'; OutputDirectory = '$out/a' }, [pscustomobject] @{ HostName = 'kvm02'; Path = '$(New-Guest)'; OutputDirectory = '$out/b' }"
        $run = Invoke-Runbook 'Invoke-OnManyHosts.ps1' "`$m '$driverIso'" "$before; $machines"
        $run.Output | Should -Match '(?m)^kvm01 \S+ Completed'
        $run.Output | Should -Match '(?m)^kvm02 \S+ Completed'
        $run.ExitCode | Should -Be 0 -Because $run.Errors
        $run = Invoke-Runbook 'Invoke-OnManyHosts.ps1' "`$m '$driverIso'" "$before; $($machines.Replace($a, 'none.vmdk'))"
        $run.ExitCode | Should -Be 1
    }
}

Describe 'The scripts' {
    It 'are all tested here and parse' {
        $here = [System.IO.File]::ReadAllText($PSCommandPath)
        foreach ($file in [System.IO.Directory]::GetFiles($examples, '*.ps1').Where({ $_ -notmatch 'demo\.ps1$' })) {
            $here.Contains("Invoke-Runbook '$([System.IO.Path]::GetFileName($file))'") | Should -BeTrue -Because $file
            $errors = $null
            $null = [System.Management.Automation.Language.Parser]::ParseFile($file, [ref] $null, [ref] $errors)
            $errors | Should -BeNullOrEmpty
        }
    }
}
