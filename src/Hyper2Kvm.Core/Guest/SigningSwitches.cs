using Hyper2Kvm.Bcd;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Guest;

/// <summary>What the boot store says of drivers' signatures, for the entry that starts unasked.</summary>
/// <param name="TestSigning"><c>bcdedit /set testsigning on</c>.</param>
/// <param name="NoIntegrityChecks"><c>bcdedit /set nointegritychecks on</c>.</param>
internal readonly record struct SigningSwitches(bool TestSigning, bool NoIntegrityChecks)
{
    /// <summary>A store that is not there or cannot be read switches nothing on; <c>Test-Bcd</c> tells what is wrong with it.</summary>
    public static SigningSwitches Read(BootPlace boot)
    {
        if (boot is not { Volume.FileSystem: { } files, BcdPath: { } path })
        {
            return default;
        }

        try
        {
            return Of(BcdStore.Open(HiveLocator.Open(files, path)));
        }
        catch (Hyper2KvmException)
        {
            return default;
        }
    }

    /// <summary>Its own or inherited; the boot library's switch, or the older one of the loader.</summary>
    public static SigningSwitches Of(BcdStore store)
    {
        if (store.DefaultId is not { } id || store.Find(id) is not { Type: BcdObjectTypes.OsLoader } loader)
        {
            return default;
        }

        bool IsOn(uint element) => store.FindInherited(loader, element) is { Flag: true };
        return new SigningSwitches(
            IsOn(BcdElementTypes.TestSigning) || IsOn(BcdElementTypes.TestSigningOfLoader),
            IsOn(BcdElementTypes.NoIntegrityChecks) || IsOn(BcdElementTypes.NoIntegrityChecksOfLoader));
    }
}
