namespace Hyper2Kvm.Images;

/// <summary>An earlier state of the disk that its image holds beside the present one.</summary>
/// <param name="Id">As the image numbers it.</param>
/// <param name="Name">As its maker called it.</param>
/// <param name="Created">When it was taken, by the clock of the host.</param>
public sealed record ImageSnapshot(string Id, string Name, DateTimeOffset Created);
