BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Common.ps1'))
    Import-BuiltModule
    $sample = [System.IO.Path]::Combine($repository, 'tests', 'Fixtures', 'sample-win2022', 'sample-win2022.vmdk')
}

Describe 'The paths of Get-WindowsLayout' {
    BeforeEach {
        $odd = "$TestDrive/vm[1].vmdk"
        [System.IO.File]::Copy($sample, $odd, $true)
        [System.IO.File]::WriteAllText("$TestDrive/vm1.vmdk", 'not a disk')
    }

    It 'take a file that is really called so before a pattern' {
        (Get-WindowsLayout $odd).ImagePath | Should -Be ([System.IO.Path]::GetFullPath($odd))
        (Get-WindowsLayout -LiteralPath $odd).ImagePath | Should -Be ([System.IO.Path]::GetFullPath($odd))
    }

    It 'come from objects with a PSPath, and from those with a Path' {
        $item = [pscustomobject] @{ PSPath = "Microsoft.PowerShell.Core\FileSystem::$([System.IO.Path]::GetFullPath($odd))" }
        ($item | Get-WindowsLayout).ImagePath | Should -Be ([System.IO.Path]::GetFullPath($odd))
        ([pscustomobject] @{ Path = $odd; VMName = 'web01' } | Get-WindowsLayout).ImagePath | Should -Be ([System.IO.Path]::GetFullPath($odd))
    }

    It 'come from our own objects' {
        (Get-WindowsLayout $odd | Get-WindowsLayout).ImagePath | Should -Be ([System.IO.Path]::GetFullPath($odd))
    }

    It 'are an error when there is nothing: <Path>' -ForEach @(
        @{ Path = 'none.vmdk' }
        @{ Path = 'none*.vmdk' }
        @{ Path = 'nodrive:\disk.vmdk' }
        @{ Path = '.' }
    ) {
        { Get-WindowsLayout $Path -ErrorAction Stop } | Should -Throw -ErrorId 'ImageNotFound,*'
        { Get-WindowsLayout -LiteralPath $Path -ErrorAction Stop } | Should -Throw -ErrorId 'ImageNotFound,*'
    }

    It 'are an error with a remedy when they are on a datastore' {
        $thrown = { '[datastore1] web01/web01.vmdk' | Get-WindowsLayout -ErrorAction Stop } | Should -Throw -ErrorId 'DatastorePathNotLocal,*' -PassThru
        $thrown.CategoryInfo.Category | Should -Be 'NotImplemented'
        $thrown.Exception.Remedy | Should -Match 'Copy-DatastoreItem'
    }

    It 'are an error when they belong to another provider' {
        { Get-WindowsLayout 'Env:PATH' -ErrorAction Stop } | Should -Throw -ErrorId 'PathNotInFileSystem,*'
    }

    It 'do not keep the next image from being read' {
        $layouts = @(Get-WindowsLayout "$TestDrive/none.vmdk", "$TestDrive/vm1.vmdk", $odd -ErrorAction SilentlyContinue -ErrorVariable failures)
        $layouts | Should -HaveCount 1
        $failures | Should -HaveCount 2
        $failures[0].FullyQualifiedErrorId | Should -BeLike 'ImageNotFound,*'
        $failures[1].TargetObject | Should -BeLike '*vm1.vmdk'
    }

    It 'leave the data files of a VMDK out of a pattern, unless they are alone' {
        foreach ($name in 'a.vmdk', 'a-flat.vmdk', 'a-s001.vmdk', 'b-flat.vmdk') { [System.IO.File]::WriteAllText("$TestDrive/$name", 'no disk') }
        $null = Get-WindowsLayout "$TestDrive/[ab]*.vmdk" -ErrorAction SilentlyContinue -ErrorVariable failures
        $targets = $failures.ForEach({ [System.IO.Path]::GetFileName($_.TargetObject) })
        $targets | Should -Be @('a.vmdk', 'b-flat.vmdk')
    }
}
