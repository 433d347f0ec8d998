using Hyper2Kvm.Binary;
using Hyper2Kvm.Editing.Actions;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.Guest;

namespace Hyper2Kvm.Editing.Steps;

/// <summary>Copies the boot store, with its logs, to <c>BCD.hyper2kvm-HASH</c> beside it.</summary>
internal sealed class BcdBackupStep(BcdBackupAction action) : IEditStep
{
    private const int HashDigitsInName = 12;

    public void Apply(EditableGuest guest)
    {
        if (guest.Layout.BootPartition is { } boot)
        {
            Copy(guest.Volume(boot), action.StorePath, action.Sha256);
        }
    }

    /// <summary>Copies the store unless the copy is there.</summary>
    /// <param name="volume">The boot partition.</param>
    /// <param name="store">The store on it.</param>
    /// <param name="sha256">Of the store; null to take it as it is.</param>
    public static void Copy(EditableVolume volume, GuestPath store, string? sha256)
    {
        byte[] content = volume.ReadFile(store);
        string hash = sha256 ?? Sha256Text.Of(content);
        GuestPath copy = PathFor(store, hash);
        if (volume.Files.Find(copy) is not null)
        {
            // A later step may have changed the store since: the copy is of what was there before.
            content = volume.ReadFile(copy);
        }

        volume.WriteFile(copy, content);
        foreach (GuestPath log in HiveLocator.LogsOf(volume.Files, store))
        {
            GuestPath logCopy = copy.Parent / (copy.Name + log.Name[store.Name.Length..]);
            if (volume.Files.Find(logCopy) is null && volume.ReadFile(log) is { Length: > 0 } logContent)
            {
                volume.WriteFile(logCopy, logContent);
            }
        }
    }

    public static GuestPath PathFor(GuestPath store, string sha256) => store.Parent / $"{store.Name}.hyper2kvm-{sha256[..HashDigitsInName]}";
}
