@{
    RootModule           = 'Hyper2Kvm.psm1'
    # The one place that names the version.
    ModuleVersion        = '0.1.0'
    GUID                 = 'e02c41cf-fda4-4223-88c8-85f96993ba2b'
    Author               = 'The Hyper2Kvm authors'
    Copyright            = 'Copyright (c) 2026 the Hyper2Kvm authors. MIT license.'
    Description          = 'Makes powered-off Windows disk images boot on KVM: reads them directly, adds VirtIO storage drivers offline, and writes libvirt domains. Managed code only; the source disk is not touched.'
    CompatiblePSEditions = @('Core')
    PowerShellVersion    = '7.4'
    CmdletsToExport      = @(
        'Get-SourceMachine'
        'Get-WindowsLayout'
        'Get-WindowsNetwork'
        'Test-WindowsDisk'
        'Add-VirtioDriver'
        'Get-VirtioDriver'
        'New-VirtioDriverPlan'
        'Add-BootStartStorage'
        'Set-CriticalDeviceDatabase'
        'Get-BcdStore'
        'Test-Bcd'
        'Test-VirtioReadiness'
        'Repair-Bcd'
        'Set-WindowsBootPolicy'
        'Add-FirstBootAction'
        'Set-WindowsNetworkPolicy'
        'Remove-GuestTool'
        'Backup-Bcd'
        'Convert-DiskImage'
        'Get-GuestEdit'
        'Copy-WindowsItem'
        'New-KvmDomainXml'
        'Undo-GuestEdit'
        'Test-KvmBoot'
        'Invoke-KvmMigration'
        'Export-MigrationReport'
    )
    FunctionsToExport    = @()
    AliasesToExport      = @()
    VariablesToExport    = @()
    FormatsToProcess     = @('Hyper2Kvm.Format.ps1xml')
    TypesToProcess       = @('Hyper2Kvm.Types.ps1xml')
    PrivateData          = @{
        PSData = @{
            Tags         = @('PSEdition_Core', 'Windows', 'Linux', 'KVM', 'VMware', 'HyperV', 'VirtIO', 'Migration', 'QEMU', 'libvirt')
            ReleaseNotes = 'See CHANGELOG.md.'
            Prerelease   = ''
        }
    }
}
