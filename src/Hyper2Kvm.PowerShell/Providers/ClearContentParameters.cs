namespace Hyper2Kvm.PowerShell.Providers;

/// <summary>Clear-Content takes nothing of its own on a drive of WindowsDisk; that it is Clear-Content is what this tells.</summary>
internal sealed class ClearContentParameters;
