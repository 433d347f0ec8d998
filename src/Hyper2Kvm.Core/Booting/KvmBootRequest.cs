namespace Hyper2Kvm.Booting;

/// <summary>Which domain to boot on trial, and what to wait for.</summary>
public sealed record KvmBootRequest
{
    /// <summary>The domain's XML. Its disks are paths on this host.</summary>
    public required string Xml { get; init; }

    /// <summary>Carried on in the result; null where only the XML is known.</summary>
    public KvmDomain? Domain { get; init; }

    /// <summary>The stage that is waited for.</summary>
    public KvmBootStage Until { get; init; } = KvmBootStage.Logon;

    /// <summary>Regular expression: a line like this on the serial port counts as reached too.</summary>
    public string? SerialPattern { get; init; }

    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Null to choose: KVM where it works, else emulation.</summary>
    public bool? UseKvm { get; init; }

    /// <summary>QEMU's program; null for <c>qemu-system-x86_64</c> on the path.</summary>
    public string? QemuPath { get; init; }

    /// <summary>The libvirt that is to run the machine, by its URI; null to choose: one that runs on this host for this user, else QEMU itself.</summary>
    public string? Connect { get; init; }

    /// <summary>QEMU itself, also where there is a libvirt. So it is where <see cref="QemuPath"/> names a program.</summary>
    public bool NoLibvirt { get; init; }

    /// <summary>Host folder for screenshots and the serial log; made where it is missing.</summary>
    public required string OutputDirectory { get; init; }

    /// <summary>Time between two looks at the screen.</summary>
    public TimeSpan ScreenInterval { get; init; } = TimeSpan.FromSeconds(5);
}
