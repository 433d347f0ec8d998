using System.Net.Sockets;
using System.Text;

namespace Hyper2Kvm.Booting;

/// <summary>Asks the guest agent for a sign of life: guest-sync of https://www.qemu.org/docs/master/interop/qemu-ga-ref.html.</summary>
internal sealed class GuestAgent(string socketPath) : IDisposable
{
    private const int Token = 0x48324B;
    private Socket? _socket;

    /// <summary>True once the agent has answered.</summary>
    public bool Answers()
    {
        byte[] buffer = new byte[4096];
        try
        {
            if (_socket is null)
            {
                _socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 500, SendTimeout = 500 };
                _socket.Connect(new UnixDomainSocketEndPoint(socketPath));
            }

            _socket.Send(Encoding.ASCII.GetBytes($"{{\"execute\":\"guest-sync\",\"arguments\":{{\"id\":{Token}}}}}\n"));
            int count = _socket.Receive(buffer);
            return Encoding.ASCII.GetString(buffer, 0, count).Contains($"{Token}", StringComparison.Ordinal);
        }
        catch (SocketException)
        {
            // Nobody listens or nobody answers yet: asked again at the next look, anew where there is no connection.
            if (_socket is { Connected: false })
            {
                _socket.Dispose();
                _socket = null;
            }

            return false;
        }
    }

    public void Dispose() => _socket?.Dispose();
}
