namespace Hyper2Kvm.HelpTool;

internal sealed record PageExample(string Title, string Code, IReadOnlyList<string> Remarks);
