using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Domains;

/// <summary>Gives a domain what the source machine had, so that Windows meets the machine that it knows.</summary>
public static class MachineTakeOver
{
    private const long MiB = 1024 * 1024;
    private const int NameLimit = 200;

    /// <summary>The machine's name, UUID and cards. What is given wins.</summary>
    /// <param name="layout">The guest.</param>
    /// <param name="machine">The machine.</param>
    /// <param name="name">Or null: the machine's.</param>
    /// <param name="uuid">Or null: the one that the guest reads, else the machine's id, else a derived one.</param>
    /// <param name="macAddresses">Or null: as many cards as the machine has, each with its address, or a derived one where it has none.</param>
    /// <exception cref="GuestStateException"><c>DomainNameInvalid</c>, <c>DomainUuidInvalid</c>, <c>DomainMacInvalid</c>.</exception>
    public static DomainIdentity Identity(
        WindowsLayout layout, SourceMachine machine, string? name = null, Guid? uuid = null, IReadOnlyList<string>? macAddresses = null)
    {
        ArgumentNullException.ThrowIfNull(machine);
        return DomainIdentity.From(
            layout, name ?? NameOf(machine), uuid ?? machine.SmbiosUuid ?? machine.Uuid, macAddresses ?? MacAddresses(layout, machine));
    }

    /// <summary>The machine's processors, memory, Secure Boot and TPM; what its description does not say stays as it is.</summary>
    public static DomainRequest Apply(DomainRequest request, SourceMachine machine)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(machine);
        bool isUefi = request.Layout.Firmware == FirmwareMode.Uefi;
        return request with
        {
            Sockets = machine.SocketCount ?? request.Sockets,
            Cores = machine.CpuCount is null ? request.Cores : machine.CoresPerSocket ?? request.Cores,
            MemoryMiB = machine.MemoryBytes is { } bytes ? (int)Math.Clamp(bytes / MiB, 0, int.MaxValue) : request.MemoryMiB,
            SecureBoot = isUefi && (machine.SecureBoot ?? request.SecureBoot),
            Tpm = machine.Tpm == true ? true : request.Tpm,
        };
    }

    /// <summary>Characters that no file name or libvirt takes become dashes; null when nothing is left.</summary>
    private static string? NameOf(SourceMachine machine)
    {
        string plain = string.Concat(machine.Name.Take(NameLimit).Select(c => char.IsControl(c) || char.IsSurrogate(c) || c is '/' or '\\' or ':' or '*' or '?' or '"' or '<' or '>' or '|' ? '-' : c));
        plain = plain.Trim(' ', '.');
        return plain.Length > 0 ? plain : null;
    }

    /// <summary>An object or flags may just say nothing of cards: one then, as without a machine.</summary>
    private static List<string>? MacAddresses(WindowsLayout layout, SourceMachine machine)
    {
        bool isComplete = machine.Kind is SourceMachineKind.Ovf or SourceMachineKind.Vmx or SourceMachineKind.Libvirt;
        if (machine.Nics.Count == 0 && !isComplete)
        {
            return null;
        }

        List<string> addresses = [];
        for (int i = 0; i < machine.Nics.Count; i++)
        {
            addresses.Add(machine.Nics[i].MacAddress ?? DomainIdentity.DerivedMac(layout, i));
        }

        return addresses;
    }
}
