namespace Hyper2Kvm.Bcd;

/// <summary>One object of a boot store: an application, or settings that applications inherit.</summary>
/// <param name="Id">Its GUID.</param>
/// <param name="Type">As <see cref="BcdObjectTypes"/>; 0 when the object has no description.</param>
/// <param name="Elements">In the order of the store.</param>
public sealed record BcdObject(Guid Id, uint Type, IReadOnlyList<BcdElement> Elements)
{
    public BcdElement? Find(uint elementType)
    {
        foreach (BcdElement element in Elements)
        {
            if (element.Type == elementType)
            {
                return element;
            }
        }

        return null;
    }

    public string? Text(uint elementType) => Find(elementType)?.Text;

    public BcdDevice? Device(uint elementType) => Find(elementType)?.Device;

    public override string ToString() => $"{BcdAliases.NameOf(Id)} {Text(BcdElementTypes.Description)}".TrimEnd();
}
