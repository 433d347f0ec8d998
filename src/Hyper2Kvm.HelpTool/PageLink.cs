namespace Hyper2Kvm.HelpTool;

internal sealed record PageLink(string Text, string Url);
