using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Browsing;

/// <summary>Something of a powered-off disk that is browsed by paths, open and locked for reading until it is disposed.</summary>
/// <remarks>A path has either slash between its parts; "" is the root. What cannot be a name is simply not there.</remarks>
public interface IGuestTree : IDisposable
{
    /// <summary>What is at a path, or null.</summary>
    /// <exception cref="Hyper2KvmException">The disk is damaged on the way.</exception>
    GuestNode? Find(string path);

    /// <summary>What lies directly below, one by one as it is read: a folder of any size costs no memory.</summary>
    /// <exception cref="Hyper2KvmException">There is no such container, or it is damaged.</exception>
    IEnumerable<GuestNode> Children(string path);
}
