using Hyper2Kvm.Guest;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Editing.Steps;

/// <summary>Where the registry speaks of a network adapter.</summary>
internal static class AdapterKeys
{
    /// <summary>Tables that are kept by LUID: interfaces, addresses, routes.</summary>
    private static readonly string[] s_nsiTables = ["7", "10", "16"];

    private static readonly string[] s_nsiModules = ["{eb004a00-9b1a-11d4-9123-0050047759bc}", "{eb004a01-9b1a-11d4-9123-0050047759bc}"];

    /// <summary>The adapters of a control set that are among those named.</summary>
    public static IReadOnlyList<NetworkAdapter> Find(HiveEditor system, string controlSet, IReadOnlyList<Guid> ids)
    {
        HiveKey key = system.Hive.Find(controlSet)!;
        return [.. new NetworkAdapterReader(key, NsiTables.Read(key), []).Read().Where(adapter => ids.Contains(adapter.Id))];
    }

    /// <summary>Deletes what Windows Vista and later keep by the adapter's LUID.</summary>
    /// <param name="system">The hive.</param>
    /// <param name="controlSet">Its control set.</param>
    /// <param name="luid">The adapter; nothing happens when it has none.</param>
    /// <param name="tables">Null: all.</param>
    public static void DeleteNsiRows(HiveEditor system, string controlSet, long luid, string[]? tables = null)
    {
        if (luid == 0)
        {
            return;
        }

        string name = NsiTables.NameOf(luid);
        foreach (string module in s_nsiModules)
        {
            foreach (string table in tables ?? s_nsiTables)
            {
                string key = $@"{controlSet}\Control\Nsi\{module}\{table}";
                string[] rows = [.. (system.Hive.Find(key)?.Values ?? []).Select(value => value.Name).Where(row => Mentions(row, name))];
                foreach (string row in rows)
                {
                    system.DeleteValue(key, row);
                }
            }
        }
    }

    /// <summary>A row's name is its key in hexadecimal; a LUID in it begins at a multiple of eight bytes.</summary>
    private static bool Mentions(string row, string luid)
    {
        for (int at = 0; at + luid.Length <= row.Length; at += 16)
        {
            if (string.Compare(row, at, luid, 0, luid.Length, StringComparison.OrdinalIgnoreCase) == 0)
            {
                return true;
            }
        }

        return false;
    }
}
