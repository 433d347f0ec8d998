namespace Hyper2Kvm.Guest;

/// <summary>One attempt of Windows to install a device, as its setup log tells it.</summary>
/// <param name="Device">Instance or hardware id, as logged: <c>PCI\VEN_1AF4&amp;DEV_1001&amp;...</c>.</param>
/// <param name="Time">When, in the log's own words and the guest's local time; empty where the log does not say.</param>
/// <param name="Status">The log's words for how it ended.</param>
/// <param name="Succeeded">It ended well.</param>
internal sealed record SetupLogEntry(string Device, string Time, string Status, bool Succeeded);
