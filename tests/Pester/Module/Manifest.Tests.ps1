BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Common.ps1'))
    Import-BuiltModule
    $module = Get-Module Hyper2Kvm
}

Describe 'The module' {
    It 'has the version that the manifest names, and its assembly too' {
        $module.Version | Should -Be ([version] $manifest.ModuleVersion)
        $core = [Hyper2Kvm.WindowsLayout].Assembly.GetName().Version
        "$($core.Major).$($core.Minor).$($core.Build)" | Should -Be $manifest.ModuleVersion
    }

    It 'exports exactly the cmdlets that the manifest names' {
        $exported = [string[]] $module.ExportedCommands.Keys
        $named = [string[]] $manifest.CmdletsToExport
        [array]::Sort($exported)
        [array]::Sort($named)
        $exported | Should -Be $named
    }

    It 'uses no wildcard in its exports, so that it is found without being loaded' {
        foreach ($kind in 'CmdletsToExport', 'FunctionsToExport', 'AliasesToExport', 'VariablesToExport') {
            "$($manifest[$kind])" | Should -Not -Match '\*'
        }
    }

    It 'is for PowerShell 7.4 and later' {
        $manifest.PowerShellVersion | Should -Be '7.4'
        $manifest.CompatiblePSEditions | Should -Be @('Core')
    }

    It 'holds <_>' -ForEach 'LICENSE', 'Hyper2Kvm.psm1', 'Hyper2Kvm.Format.ps1xml', 'Hyper2Kvm.Types.ps1xml',
        'lib/Hyper2Kvm.Core.dll', 'lib/Hyper2Kvm.PowerShell.dll', 'lib/YamlDotNet.dll', 'lib/ZstdSharp.dll',
        'data/virtio-win.yaml', 'en-US/Hyper2Kvm.PowerShell.dll-Help.xml', 'en-US/about_Hyper2Kvm.help.txt', 'en-US/about_Hyper2Kvm_Drivers.help.txt',
        'en-US/about_Hyper2Kvm_Safety.help.txt', 'en-US/about_Hyper2Kvm_Troubleshooting.help.txt' {
        [System.IO.Path]::Combine($moduleFolder, $_) | Should -Exist
    }

    It 'still has its cmdlets after being imported again by force' {
        Import-BuiltModule
        Import-BuiltModule
        (Get-Command -Module Hyper2Kvm) | Should -HaveCount $manifest.CmdletsToExport.Count
        (Get-Module Hyper2Kvm) | Should -HaveCount 1
    }

    It 'keeps YamlDotNet and the cmdlets out of the default load context' {
        $default = [System.Runtime.Loader.AssemblyLoadContext]::Default.Assemblies.ForEach({ $_.GetName().Name })
        $default | Should -Contain 'Hyper2Kvm.Core'
        $default | Should -Not -Contain 'Hyper2Kvm.PowerShell'
        $default | Should -Not -Contain 'YamlDotNet'
    }

    It 'is loaded by the first use of a cmdlet' {
        $run = Invoke-Shell -Arguments '-Command', 'Get-WindowsLayout /no/such/image; (Get-Module Hyper2Kvm).Version.ToString()'
        $run.Output | Should -Be $manifest.ModuleVersion
        $run.Errors | Should -Match '\[ImageNotFound,'
    }
}
