using System.Formats.Asn1;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Signatures;

/// <summary>Where ASN.1 is read: what the reader finds wrong there becomes an error that names it.</summary>
/// <param name="ErrorId"><c>CatalogDamaged</c> or <c>SignatureDamaged</c>.</param>
/// <param name="Name">The file, for messages.</param>
internal readonly record struct Asn1Place(string ErrorId, string Name)
{
    public T Read<T>(byte[] bytes, Func<AsnReader, Asn1Place, T> read)
    {
        try
        {
            return read(new AsnReader(bytes, AsnEncodingRules.BER), this);
        }
        catch (AsnContentException exception)
        {
            throw Damaged("well-formed ASN.1", exception.Message);
        }
    }

    public DiskFormatException Damaged(string expected, string found) =>
        new(ErrorId, Name, 0, expected, found, "The driver source is damaged: fetch it again.");
}
