using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Machines;

/// <summary>A machine's description as bytes, and as XML that can neither reach out nor blow up.</summary>
/// <param name="Path">Where it is, for messages.</param>
/// <param name="Bytes">All of it.</param>
internal sealed record DescriptionFile(string Path, byte[] Bytes)
{
    /// <summary>Real ones have 5 to 200 KiB.</summary>
    private const int MaxBytes = 4 * 1024 * 1024;

    private const int MaxDepth = 128;

    public static DescriptionFile Read(IBlockDevice device, string path) => new(
        path, device.ReadAll(MaxBytes, "MachineDescriptionTooLarge", $"description of a machine '{path}'"));

    /// <exception cref="DiskFormatException"><c>MachineDescriptionDamaged</c>: no XML, or one with a DTD, or too deep.</exception>
    public XElement Xml()
    {
        try
        {
            using (XmlReader probe = Reader())
            {
                while (probe.Read())
                {
                    if (probe.Depth > MaxDepth)
                    {
                        throw Damaged((probe as IXmlLineInfo)?.LineNumber ?? 0, $"at most {MaxDepth} levels of elements", "more");
                    }
                }
            }

            using XmlReader reader = Reader();
            return XDocument.Load(reader).Root!;
        }
        catch (XmlException error)
        {
            throw Damaged(error.LineNumber, "XML without a DTD", error.Message.TrimEnd('.'), error);
        }
    }

    public DiskFormatException Damaged(int line, string expected, string actual, Exception? inner = null) => new(
        "MachineDescriptionDamaged", string.Create(CultureInfo.InvariantCulture, $"description of a machine '{Path}', line {line}"), 0,
        expected, actual, "Export it again from its hypervisor.", inner);

    private XmlReader Reader() => XmlReader.Create(
        new MemoryStream(Bytes, writable: false),
        new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            MaxCharactersInDocument = MaxBytes,
        });
}
