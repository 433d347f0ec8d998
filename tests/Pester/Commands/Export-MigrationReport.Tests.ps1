BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Guests.ps1'))
    $errorSource = 'Hyper2Kvm.PowerShell.Commands.ExportMigrationReportCommand'
    $sample = @{ DriverSource = $driverIso; AllowUnsignedDriver = $true; WarningAction = 'SilentlyContinue' }
    $disk = New-Guest
    $out = New-Folder
    $migration = Invoke-KvmMigration $disk @sample -OutputDirectory $out

    function Get-FileName([string] $Folder) { [System.IO.Directory]::GetFiles($Folder).ForEach({ [System.IO.Path]::GetFileName($_) }) }
}

Describe 'Export-MigrationReport' {
    It 'writes three reports beside the results' {
        $reports = @($migration | Export-MigrationReport)
        $reports.Format | Should -Be @('Html', 'Markdown', 'Json')
        $reports.Path.ForEach({ [System.IO.Path]::GetDirectoryName($_) }) | Should -Be @($out, $out, $out)
        $reports.ForEach({ [System.IO.FileInfo]::new($_.Path).Length }) | Should -Be $reports.Size
        [System.IO.File]::ReadAllText($reports[0].Path) | Should -Match 'ControlSet001'
    }

    It 'replaces them with -Force only' {
        $folder = New-Folder
        $null = $migration | Export-MigrationReport -OutputDirectory $folder
        $run = Invoke-Recorded { $migration | Export-MigrationReport -OutputDirectory $folder }
        $run.Errors[0].FullyQualifiedErrorId | Should -BeExactly "DestinationExists,$errorSource"
        $run.Output | Should -BeNullOrEmpty
        @($migration | Export-MigrationReport -OutputDirectory $folder -Force) | Should -HaveCount 3
    }

    It 'writes what is asked for' {
        $folder = New-Folder
        $null = Export-MigrationReport $migration $folder -Format Json
        Get-FileName $folder | Should -Be @("$($migration.Name)-report.json")
    }

    It 'writes nothing under -WhatIf' {
        $folder = [System.IO.Path]::Combine((New-Folder), 'reports')
        @($migration | Export-MigrationReport -OutputDirectory $folder -WhatIf) | Should -HaveCount 3
        $folder | Should -Not -Exist
    }

    It 'goes on in the pipeline as files' {
        $folder = New-Folder
        ($migration | Export-MigrationReport -OutputDirectory $folder -Format Html).PSPath | Should -Exist
    }

    It 'reports what failed, and what a rehearsal would do' {
        $text = [System.IO.Path]::Combine((New-Folder), 'text.vmdk')
        [System.IO.File]::WriteAllText($text, 'some text, longer than the magic of a format')
        $failed = (Invoke-Recorded { Invoke-KvmMigration $text @sample }).Output
        $rehearsal = Invoke-KvmMigration $disk @sample -WhatIf
        $folder = New-Folder
        $reports = @($failed, $rehearsal | Export-MigrationReport -OutputDirectory $folder -Format Markdown)
        $reports.State | Should -Be @('Failed', 'Rehearsed')
        [System.IO.File]::ReadAllText($reports[0].Path) | Should -Match $failed.ErrorId
        [System.IO.File]::ReadAllText($reports[1].Path) | Should -Match 'nothing was written'
    }

    It 'gathers the results of single cmdlets, one report for each guest' {
        $folder = New-Folder
        $one = New-Guest
        $two = New-Guest 'win7-bios'
        $results = foreach ($guest in $one, $two) {
            $edit = Get-WindowsLayout $guest | New-VirtioDriverPlan $driverIso -AllowUnsignedDriver -WarningAction SilentlyContinue | Add-BootStartStorage
            $edit
            $edit | New-KvmDomainXml -OutputDirectory $folder -Phase Bootstrap
        }
        $reports = @($results | Export-MigrationReport -OutputDirectory $folder -Format Json)
        $reports | Should -HaveCount 2
        [System.IO.File]::ReadAllText($reports[1].Path) | Should -Match '"phase": "Bootstrap"'
    }

    It 'takes an array, too' { @(Export-MigrationReport @($migration) -OutputDirectory (New-Folder)) | Should -HaveCount 3 }

    It 'says what it cannot take' {
        $run = Invoke-Recorded { 'text', [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($migration)) | Export-MigrationReport -OutputDirectory (New-Folder) }
        $run.Errors.FullyQualifiedErrorId | Should -Be @("ReportInputUnknown,$errorSource", "ReportInputUnknown,$errorSource")
    }

    It 'refuses a second migration of the same name' {
        $run = Invoke-Recorded { $migration, $migration | Export-MigrationReport -OutputDirectory (New-Folder) -Force }
        $run.Output | Should -HaveCount 3
        $run.Errors[0].FullyQualifiedErrorId | Should -BeExactly "ReportNameTaken,$errorSource"
    }
}
