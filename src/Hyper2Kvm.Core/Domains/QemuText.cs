using System.Globalization;
using System.Xml.Linq;

namespace Hyper2Kvm.Domains;

/// <summary>Words of QEMU's command line.</summary>
internal static class QemuText
{
    /// <summary>A value within a comma-separated option: commas are doubled.</summary>
    public static string Escape(string value) => value.Replace(",", ",,", StringComparison.Ordinal);

    /// <summary>Bytes of an element with a <c>unit</c>, KiB when there is none.</summary>
    public static long Bytes(XElement size)
    {
        long number = DomainXmlReader.Number(size.Value, size.Name.LocalName);
        int shift = size.Attribute("unit")?.Value switch
        {
            "b" or "bytes" => 0,
            null or "KiB" or "k" => 10,
            "MiB" or "M" => 20,
            "GiB" or "G" => 30,
            "TiB" or "T" => 40,
            var other => throw DomainXmlReader.Unknown($"unit '{other}' of <{size.Name.LocalName}>"),
        };
        return number > (long.MaxValue >> shift)
            ? throw DomainXmlReader.Unknown(string.Create(CultureInfo.InvariantCulture, $"a <{size.Name.LocalName}> of {number}"))
            : number << shift;
    }
}
