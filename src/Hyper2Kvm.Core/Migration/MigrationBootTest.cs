namespace Hyper2Kvm.Migration;

/// <summary>How the domains are booted on trial.</summary>
public sealed record MigrationBootTest
{
    public KvmBootStage Until { get; init; } = KvmBootStage.Logon;

    /// <summary>Regular expression: a line like this on the serial port counts as reached too.</summary>
    public string? SerialPattern { get; init; }

    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Null to choose: KVM where it works, else emulation.</summary>
    public bool? UseKvm { get; init; }

    /// <summary>QEMU's program; null for the one on the path.</summary>
    public string? QemuPath { get; init; }
}
