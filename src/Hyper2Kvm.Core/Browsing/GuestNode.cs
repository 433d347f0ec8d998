using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Browsing;

/// <summary>One place in a <see cref="IGuestTree"/>.</summary>
/// <param name="Name">The last part of its path, as stored; "" where not even that could be read.</param>
/// <param name="Item">What a user is shown: a <see cref="WindowsItem"/> or a <see cref="WindowsRegistryKey"/>; null where nothing could be read.</param>
/// <param name="IsContainer">It can be listed. Links are not: they are never followed.</param>
/// <param name="IsAlias">It shows what has a place of its own elsewhere in the tree, so a walk over all leaves it out.</param>
/// <param name="Fault">What of it could not be read. It hides nothing else: what could be is here, and the walk goes on.</param>
public sealed record GuestNode(string Name, object? Item, bool IsContainer, bool IsAlias = false, DiskFormatException? Fault = null);
