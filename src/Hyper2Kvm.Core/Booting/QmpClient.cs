using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Text.Json;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Booting;

// https://www.qemu.org/docs/master/interop/qmp-spec.html: one JSON object a line, each way.

/// <summary>Talks QMP over two streams. Commands are sent one at a time; events that come in between wait in a queue.</summary>
internal sealed class QmpClient : IDisposable
{
    private static readonly TimeSpan s_answerLimit = TimeSpan.FromSeconds(60);

    private readonly TextWriter _toQemu;
    private readonly BlockingCollection<JsonObject> _answers = [];
    private readonly ConcurrentQueue<JsonObject> _events = new();
    private readonly Thread _reading;

    /// <param name="fromQemu">Read to its end by a thread of its own.</param>
    /// <param name="toQemu">Takes the commands.</param>
    public QmpClient(TextReader fromQemu, TextWriter toQemu)
    {
        _toQemu = toQemu;
        _reading = new Thread(() => ReadAll(fromQemu)) { IsBackground = true, Name = "QMP" };
        _reading.Start();
    }

    /// <summary>The connection has ended: QEMU is gone.</summary>
    public bool IsClosed => _answers.IsAddingCompleted;

    /// <summary>Waits for the greeting and leaves the negotiation mode.</summary>
    /// <exception cref="IOException">QEMU ended before it said anything.</exception>
    public void Connect(CancellationToken token)
    {
        Take(token);
        Execute("qmp_capabilities", null, token);
    }

    /// <returns>The answer's <c>return</c>; null when QEMU refused the command.</returns>
    /// <exception cref="IOException">QEMU is gone, or does not answer.</exception>
    public JsonNode? Execute(string command, JsonObject? arguments, CancellationToken token)
    {
        JsonObject request = new() { ["execute"] = command };
        if (arguments is not null)
        {
            request["arguments"] = arguments;
        }

        _toQemu.WriteLine(request.ToJsonString());
        _toQemu.Flush();
        return Take(token)["return"];
    }

    /// <summary>The next event that has come, if one has.</summary>
    public bool TryTakeEvent(out string name, out JsonObject? data)
    {
        bool found = _events.TryDequeue(out JsonObject? message);
        name = found ? message!["event"]!.GetValue<string>() : "";
        data = message?["data"] as JsonObject;
        return found;
    }

    /// <summary>Waits for the connection's end; all that QEMU has said is there then.</summary>
    /// <returns>False: it goes on.</returns>
    public bool EndsWithin(TimeSpan limit) => _reading.Join(limit);

    public void Dispose()
    {
        // Whoever inherited the stream may hold it open; the thread that reads it still needs the queue then.
        if (EndsWithin(TimeSpan.FromSeconds(5)))
        {
            _answers.Dispose();
        }
    }

    private JsonObject Take(CancellationToken token)
    {
        try
        {
            return _answers.TryTake(out JsonObject? answer, (int)s_answerLimit.TotalMilliseconds, token)
                ? answer
                : throw new IOException(IsClosed ? "QEMU ended." : $"QEMU has not answered for {s_answerLimit.TotalSeconds} seconds.");
        }
        catch (InvalidOperationException closed)
        {
            throw new IOException("QEMU ended.", closed);
        }
    }

    private void ReadAll(TextReader fromQemu)
    {
        try
        {
            while (fromQemu.ReadLine() is { } line)
            {
                if (Parse(line) is not { } message)
                {
                    continue;
                }

                if (message.ContainsKey("event"))
                {
                    _events.Enqueue(message);
                }
                else
                {
                    _answers.Add(message);
                }
            }
        }
        catch (Exception end) when (end is IOException or ObjectDisposedException)
        {
            // The process was ended while it was read from: the same as its end.
            _ = end;
        }
        finally
        {
            _answers.CompleteAdding();
        }
    }

    /// <summary>QEMU's own warnings may come between; they are no JSON.</summary>
    private static JsonObject? Parse(string line)
    {
        try
        {
            return JsonNode.Parse(line) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
