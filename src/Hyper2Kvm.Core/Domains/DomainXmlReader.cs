using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Domains;

/// <summary>Reads domain XML that somebody may have changed by hand: no DTD, no entities, bounded.</summary>
public static class DomainXmlReader
{
    private const int MaxLength = 4 * 1024 * 1024;

    /// <summary>The <c>domain</c> element.</summary>
    /// <exception cref="DiskFormatException"><c>DomainXmlDamaged</c>.</exception>
    public static XElement Read(string xml)
    {
        XmlReaderSettings settings = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = MaxLength };
        try
        {
            using XmlReader reader = XmlReader.Create(new StringReader(xml), settings);
            XElement root = XDocument.Load(reader).Root!;
            return root.Name == "domain" ? root : throw Damaged("the element <domain>", $"<{root.Name.LocalName}>");
        }
        catch (XmlException fault)
        {
            throw Damaged("well-formed XML without a DTD", fault.Message);
        }
    }

    /// <summary>Text of a child that every domain has.</summary>
    internal static string Text(XElement domain, string name) => domain.Element(name)?.Value.Trim() is { Length: > 0 } text ? text : throw Missing(name);

    internal static long Number(string text, string what) =>
        long.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw Damaged($"a number as {what}", $"'{text}'");

    internal static DiskFormatException Missing(string what) => Damaged($"<{what}>", "none");

    internal static UnsupportedFeatureException Unknown(string what) => new(
        "DomainElementUnknown", what, "domain XML", "Start the domain by libvirt, or take the element out.");

    private static DiskFormatException Damaged(string expected, string found) =>
        new("DomainXmlDamaged", "domain XML", 0, expected, found, "Write it again: New-KvmDomainXml.");
}
