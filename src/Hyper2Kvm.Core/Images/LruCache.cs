using System.Diagnostics.CodeAnalysis;

namespace Hyper2Kvm.Images;

/// <summary>Keeps the most recently used blocks of a file; the least recently used one makes room.</summary>
internal sealed class LruCache(int capacity)
{
    private readonly Dictionary<long, LinkedListNode<(long Key, byte[] Bytes)>> _nodes = [];
    private readonly LinkedList<(long Key, byte[] Bytes)> _order = [];

    public bool TryGet(long key, [NotNullWhen(true)] out byte[]? bytes)
    {
        if (!_nodes.TryGetValue(key, out LinkedListNode<(long Key, byte[] Bytes)>? node))
        {
            bytes = null;
            return false;
        }

        if (_order.First != node)
        {
            _order.Remove(node);
            _order.AddFirst(node);
        }

        bytes = node.Value.Bytes;
        return true;
    }

    /// <returns>The bytes that made room, which can be used again; or null.</returns>
    public byte[]? Add(long key, byte[] bytes)
    {
        byte[]? freed = null;
        if (_nodes.Count >= capacity)
        {
            (long oldest, freed) = _order.Last!.Value;
            _nodes.Remove(oldest);
            _order.RemoveLast();
        }

        _nodes.Add(key, _order.AddFirst((key, bytes)));
        return freed;
    }
}
