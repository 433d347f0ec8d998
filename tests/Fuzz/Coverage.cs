using System.Reflection;
using System.Runtime.InteropServices;

namespace Hyper2Kvm.Fuzz;

/// <summary>Which edges of the code an input took, when Core was instrumented by SharpFuzz, which counts in a table of 64 KiB in
/// native memory: that of AFL elsewhere, our own here.</summary>
internal sealed class Coverage
{
    private const int Size = 1 << 16;

    private readonly IntPtr _table;
    private readonly byte[] _now = new byte[Size];
    private readonly byte[] _seen = new byte[Size];
    private readonly byte[] _zeros = new byte[Size];

    private Coverage(IntPtr table) => _table = table;

    public int Edges => Size - _seen.AsSpan().Count((byte)0);

    /// <returns>Null when the code is not instrumented.</returns>
    public static Coverage? TryStart()
    {
        Type? trace = Type.GetType("SharpFuzz.Common.Trace, SharpFuzz.Common");
        if (trace?.GetField("SharedMem", BindingFlags.Public | BindingFlags.Static) is not { } field)
        {
            return null;
        }

        IntPtr table = Marshal.AllocHGlobal(Size);
        Coverage coverage = new(table);
        Marshal.Copy(coverage._zeros, 0, table, Size);
        field.SetValue(null, table);
        return coverage;
    }

    /// <summary>Takes the counters of the last input and clears them.</summary>
    /// <returns>An edge was taken that was not before, or far more often.</returns>
    public bool TakeNew()
    {
        Marshal.Copy(_table, _now, 0, Size);
        Marshal.Copy(_zeros, 0, _table, Size);
        bool isNew = false;
        for (int i = 0; i < Size; i++)
        {
            byte bucket = _now[i] switch { 0 => 0, 1 => 1, 2 => 2, < 8 => 4, < 32 => 8, < 128 => 16, _ => 32 };
            isNew |= (bucket & ~_seen[i]) != 0;
            _seen[i] |= bucket;
        }

        return isNew;
    }
}
