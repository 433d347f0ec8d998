using System.Xml.Linq;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Machines;

/// <summary>What an OVF says of its files, disks and configurations, for all machines in it.</summary>
internal sealed class OvfPackage
{
    private const string HostResource = "ovf:";

    private readonly Dictionary<string, XElement> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, XElement> _disks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, XElement> _disksByFile = new(StringComparer.Ordinal);
    private readonly Func<string, string?> _find;

    /// <param name="envelope">The root.</param>
    /// <param name="path">Of the OVF, for messages.</param>
    /// <param name="find">Gives the image path for a reference, or null when it is not there.</param>
    /// <exception cref="UnsupportedFeatureException"><c>OvfChunkedFile</c>.</exception>
    public OvfPackage(XElement envelope, string path, Func<string, string?> find)
    {
        _find = find;
        foreach (XElement file in envelope.Child("References")?.Children("File") ?? [])
        {
            if (file.Attr("chunkSize").Length > 0)
            {
                throw new UnsupportedFeatureException(
                    "OvfChunkedFile", $"a disk in several chunks ('{file.Attr("href")}')", $"'{path}'", "Join the chunks, or export it again in one piece.");
            }

            _files.TryAdd(file.Attr("id"), file);
        }

        foreach (XElement disk in Section(envelope, "DiskSection")?.Children("Disk") ?? [])
        {
            _disks.TryAdd(disk.Attr("diskId"), disk);
            _disksByFile.TryAdd(disk.Attr("fileRef"), disk);
        }

        XElement[] configurations = [.. Section(envelope, "DeploymentOptionSection")?.Children("Configuration") ?? []];
        Configuration = (configurations.FirstOrDefault(one => one.Attr("default") is "true" or "1") ?? configurations.FirstOrDefault()).Attr("id");
    }

    /// <summary>The configuration that is deployed unless somebody chooses another; empty when there is none.</summary>
    public string Configuration { get; }

    /// <summary>A section by its element's name, or as OVF 0.9 and oVirt write it: an element of that type.</summary>
    public static XElement? Section(XElement parent, string name) => parent.Elements().FirstOrDefault(element =>
        element.Name.LocalName == name
        || (element.Name.LocalName == "Section" && element.Attr("type").EndsWith($":{name}_Type", StringComparison.Ordinal)));

    /// <summary>What a HostResource such as <c>ovf:/disk/vmdisk1</c> means.</summary>
    /// <returns>The file's reference (empty: a disk without content), its image path here or null, and the capacity where it is said.</returns>
    public (string Source, string? ImagePath, long? Capacity)? Resolve(string hostResource, MachineDraft draft)
    {
        string plain = hostResource.StartsWith(HostResource, StringComparison.OrdinalIgnoreCase) ? hostResource[HostResource.Length..] : hostResource;
        string id = plain[(plain.LastIndexOf('/') + 1)..];
        // oVirt names the disk by its path in the storage domain, "imagegroup/image", as the disk's fileRef does.
        if (_disks.TryGetValue(id, out XElement? disk) || (plain.Length > 0 && _disksByFile.TryGetValue(plain, out disk)))
        {
            long? capacity = OvfUnits.Bytes(disk.Attr("capacity"), disk.Attr("capacityAllocationUnits"), 1)
                ?? OvfUnits.Bytes(disk.Attr("size"), "", 1L << 30); // oVirt: whole GiB
            if (disk.Attr("parentRef") is { Length: > 0 } parent)
            {
                draft.Warn($"Disk '{id}' is a delta over disk '{parent}', which is not read: export it again without snapshots.");
            }

            return OfFile(disk.Attr("fileRef"), capacity);
        }

        return _files.ContainsKey(id) ? OfFile(id, null) : null;
    }

    private (string Source, string? ImagePath, long? Capacity) OfFile(string fileRef, long? capacity)
    {
        string href = _files.TryGetValue(fileRef, out XElement? file) ? file.Attr("href") : fileRef;
        return (href, href.Length == 0 ? null : _find(href), capacity);
    }
}
