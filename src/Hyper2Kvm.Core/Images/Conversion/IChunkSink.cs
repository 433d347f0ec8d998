namespace Hyper2Kvm.Images.Conversion;

/// <summary>What one worker does with the chunks that it is given. Each worker has its own.</summary>
internal interface IChunkSink
{
    /// <param name="chunk">The chunk.</param>
    /// <param name="ticket">Its number, from 0 on without gaps.</param>
    /// <param name="turnstile">For what must be done in order; a sink enters and leaves once for each chunk, or never.</param>
    void Take(Chunk chunk, long ticket, Turnstile turnstile);
}
