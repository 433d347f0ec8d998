namespace Hyper2Kvm.Migration;

/// <summary>What a person does after a migration.</summary>
internal static class MigrationAdvice
{
    public static IReadOnlyList<string> For(KvmMigration migration) => migration.State switch
    {
        KvmMigrationState.NoWindows => ["Take a Linux pipeline for this machine, such as virt-v2v."],
        KvmMigrationState.Failed => ["Mend what the error says, then run the same command with -Resume."],
        KvmMigrationState.Rehearsed => ["Nothing was written. Run the same command without -WhatIf."],
        _ => [.. Steps(migration)],
    };

    private static IEnumerable<string> Steps(KvmMigration migration)
    {
        if (migration.Domains.Any(domain => domain.Path is not null && !domain.Xml.Contains($"'{migration.ImagePath}'", StringComparison.Ordinal)
            && !domain.Xml.Contains($"\"{migration.ImagePath}\"", StringComparison.Ordinal)))
        {
            yield return "Copy the disks, with all that they stand on, to where the domains look for them on the KVM host.";
        }

        bool isReady = migration.Layout?.IsVirtioBootReady == true;
        foreach (KvmDomain domain in migration.Domains)
        {
            string start = Start(domain);
            yield return domain.Phase switch
            {
                DomainPhase.Bootstrap when isReady =>
                    $"Optional, still recommended: {start} Let Windows start once, and shut it down.",
                DomainPhase.Bootstrap =>
                    $"{start} Let Windows start, sign in, install the drivers from the CD, and shut Windows down.",
                _ => $"{start} This is the domain for production.",
            };
        }
    }

    private static string Start(KvmDomain domain) => domain.Kind switch
    {
        KvmDomainKind.Qemu => $"Run: sh {Quoted(domain.Path)}",
        KvmDomainKind.KubeVirt => $"Run: kubectl apply -f {Quoted(domain.Path)}",
        KvmDomainKind.Proxmox => $"On the Proxmox host, run: sh {Quoted(domain.Path)} VMID STORAGE",
        _ => $"Run: virsh define {Quoted(domain.Path)} && virsh start {Quoted(domain.Name)}",
    };

    private static string Quoted(string? text) => $"'{text?.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
