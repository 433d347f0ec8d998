# Not a test file of ours: what StandIn.Tests.ps1 runs to see that the stand-in passes what passes and fails what fails.
# Expected: 13 passed, 16 failed, 4 skipped.

BeforeDiscovery { $cases = @{ First = 1; Second = 2 }, @{ First = 3; Second = 4 } }

BeforeAll {
    $top = 'top'
    function Get-Top { $top }
}

Describe 'scopes <_>' -ForEach 'x', 'y' {
    BeforeAll { $outer = "o$_" }
    BeforeEach { $each = 'each' }
    AfterEach { $each | Should -Be 'each' }

    It 'sees cases, setup and functions' -ForEach $cases {
        ($Second - $First) | Should -Be 1
        $outer | Should -BeIn 'ox', 'oy'
        $each | Should -Be 'each'
        Get-Top | Should -Be 'top'
    }

    Context 'inner' {
        BeforeAll { $inner = 'i' }

        It 'sees all outer blocks' {
            "$inner$outer$_" | Should -BeLike 'io??'
            [System.IO.File]::WriteAllText("$TestDrive/file", 'x')
            "$TestDrive/file" | Should -Exist
        }
    }

    It 'finds the drive as the block before found it' { "$TestDrive/file" | Should -Not -Exist }

    It 'does not see what was for others' {
        $inner | Should -BeNullOrEmpty
        $cases | Should -BeNullOrEmpty
    }
}

Describe 'operators' {
    It 'hold' {
        1, 2 | Should -Be @(1, 2)
        @() | Should -BeNullOrEmpty
        $null | Should -Be $null
        'a' | Should -Be 'A'
        'a' | Should -Not -BeExactly 'A'
        1 | Should -BeOfType [int]
        1, 2, 3 | Should -HaveCount 3
        1, 2 | Should -Contain 2
        5 | Should -BeGreaterThan 4
        'abc' | Should -Match 'B'
        $true | Should -BeTrue
        $false | Should -BeFalse
        { throw 'some text' } | Should -Throw 'some*'
        { throw 'x' } | Should -Throw -ExceptionType ([System.Management.Automation.RuntimeException])
        { 1 } | Should -Not -Throw
    }

    It 'skips itself' { Set-ItResult -Skipped -Because 'it wants to' }
    It 'is skipped' -Skip { throw 'never' }
}

Describe 'failing' {
    It 'case <_>' -ForEach (1..12) {
        switch ($_) {
            1 { 1 | Should -Be 2 }
            2 { throw 'x' }
            3 { Get-NothingOfThatName }
            4 { @(1) | Should -BeNullOrEmpty }
            5 { { 1 } | Should -Throw }
            6 { 1, 2 | Should -Be @(1, 3) }
            7 { 'a' | Should -BeExactly 'A' }
            8 { { throw 'x' } | Should -Throw -ErrorId 'y' }
            9 { '/no/such/file' | Should -Exist }
            10 { $null | Should -BeTrue }
            11 { 1 | Should -Not -Be 1 }
            12 { 1, 2 | Should -HaveCount 3 }
        }
    }

    Context 'setup' {
        BeforeAll { throw 'setup' }
        It 'fails a' { }
        It 'fails b' { }
    }

    Context 'teardown' {
        AfterAll { throw 'teardown' }
        It 'passes' { }
    }

    Context 'after each' {
        AfterEach { throw 'after' }
        It 'fails' { }
    }

    Context 'all skipped' {
        BeforeAll { throw 'not run' }
        It 'is skipped' -Skip { }
    }

    Context 'skipped as a whole' -Skip {
        It 'is skipped' { throw 'never' }
    }

    It 'goes on after that' { }
}
