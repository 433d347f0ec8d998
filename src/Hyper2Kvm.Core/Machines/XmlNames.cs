using System.Globalization;
using System.Xml.Linq;

namespace Hyper2Kvm.Machines;

/// <summary>XML by local names: OVF 0.9, 1 and 2, and each vendor's, differ in namespaces only.</summary>
internal static class XmlNames
{
    public static IEnumerable<XElement> Children(this XElement element, string name) =>
        element.Elements().Where(child => child.Name.LocalName == name);

    public static XElement? Child(this XElement? element, string name) => element?.Elements().FirstOrDefault(child => child.Name.LocalName == name);

    /// <summary>The trimmed text of a child, or empty.</summary>
    public static string Text(this XElement? element, string name) => element.Child(name)?.Value.Trim() ?? "";

    /// <summary>An attribute's value, or empty.</summary>
    public static string Attr(this XElement? element, string name) =>
        element?.Attributes().FirstOrDefault(attribute => attribute.Name.LocalName == name && !attribute.IsNamespaceDeclaration)?.Value.Trim() ?? "";

    /// <summary>A whole number of 0 or more, or null.</summary>
    public static long? Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : null;

    public static Guid? Uuid(string text) => Guid.TryParse(text, out Guid value) && value != Guid.Empty ? value : null;
}
