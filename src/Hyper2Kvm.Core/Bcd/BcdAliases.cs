namespace Hyper2Kvm.Bcd;

/// <summary>The GUIDs that are the same in every store, by bcdedit's names.</summary>
public static class BcdAliases
{
    public static readonly Guid BootManager = new("9dea862c-5cdd-4e70-acc1-f32b344d4795");

    private static readonly Dictionary<Guid, string> s_names = new()
    {
        [BootManager] = "{bootmgr}",
        [new("a5a30fa2-3d06-4e9f-b5f4-a01df9d1fcba")] = "{fwbootmgr}",
        [new("b2721d73-1db4-4c62-bf78-c548a880142d")] = "{memdiag}",
        [new("7ea2e1ac-2e61-4728-aaa3-896d9d0a9f0e")] = "{globalsettings}",
        [new("4636856e-540f-4170-a130-a84776f4c654")] = "{dbgsettings}",
        [new("313e8eed-7098-4586-a9bf-309c61f8d449")] = "{kerneldbgsettings}",
        [new("0ce4991b-e6b3-4b16-b23c-5e0d9250e5d9")] = "{emssettings}",
        [new("5189b25c-5558-4bf2-bca4-289b11bd29e2")] = "{badmemory}",
        [new("6efb52bf-1766-41db-a6b3-0ee5eff72bd7")] = "{bootloadersettings}",
        [new("1afa9c49-16ab-4a5c-901b-212802da9460")] = "{resumeloadersettings}",
        [new("7ff607e0-4395-11db-b0de-0800200c9a66")] = "{hypervisorsettings}",
        [new("466f5a88-0af2-4f76-9038-095b170dc21c")] = "{ntldr}",
        [new("ae5534e0-a924-466c-b836-758539a3ee3a")] = "{ramdiskoptions}",
        [new("1cae1eb7-a0df-4d4d-9851-4860e34ef535")] = "{default}",
        [new("fa926493-6f1c-4193-a414-58f0b2456d1e")] = "{current}",
    };

    /// <summary>The alias in braces, or the GUID in braces.</summary>
    public static string NameOf(Guid id) => s_names.TryGetValue(id, out string? name) ? name : id.ToString("B");
}
