namespace Hyper2Kvm.Browsing;

/// <summary>One place in a <see cref="IGuestTree"/>.</summary>
/// <param name="Name">The last part of its path, as stored.</param>
/// <param name="Item">What a user is shown: a <see cref="WindowsItem"/> or a <see cref="WindowsRegistryKey"/>.</param>
/// <param name="IsContainer">It can be listed. Links are not: they are never followed.</param>
/// <param name="IsAlias">It shows what has a place of its own elsewhere in the tree, so a walk over all leaves it out.</param>
public sealed record GuestNode(string Name, object Item, bool IsContainer, bool IsAlias = false);
