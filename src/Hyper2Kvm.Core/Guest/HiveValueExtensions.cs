using Hyper2Kvm.Binary;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Guest;

internal static class HiveValueExtensions
{
    /// <summary>A number, whether Windows kept it as REG_DWORD or as REG_QWORD; null for anything else.</summary>
    public static ulong? AsInteger(this HiveValue value) =>
        value.AsDword() is { } number ? number
        : value.Type == HiveValueType.Qword && value.Data() is { Length: 8 } data ? Le.U64(data, 0)
        : null;
}
