namespace Hyper2Kvm.HelpTool;

/// <summary>A page does not follow the schema.</summary>
internal sealed class PageException(string path, string message) : Exception($"{path}: {message}");
