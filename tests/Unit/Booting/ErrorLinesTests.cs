using System.Diagnostics;
using Hyper2Kvm.Booting;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Booting;

public class ErrorLinesTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    /// <summary>The words come only when the program has gone: its child speaks them.</summary>
    [OracleFact("sh")]
    public void What_is_said_last_is_heard_although_the_program_has_gone()
    {
        using Process program = HostProgram.Start("/bin/sh", ["-c", "(while kill -0 $$ 2> /dev/null; do :; done; echo first >&2; echo last >&2) > /dev/null < /dev/null & exit 1"]);
        ErrorLines errors = new(program);
        Assert.True(program.WaitForExit(s_patience));
        Assert.Equal($"first{Environment.NewLine}last", errors.ToTheEnd(s_patience));
        Assert.Equal(errors.ToTheEnd(s_patience), errors.SoFar);
    }

    [OracleFact("sh")]
    public void A_program_that_does_not_end_is_not_waited_for_without_end()
    {
        using Process program = HostProgram.Start("/bin/sh", ["-c", "read line"]);
        ErrorLines errors = new(program);
        Assert.Equal("", errors.ToTheEnd(TimeSpan.FromMilliseconds(1)));
        program.StandardInput.Close();
        Assert.True(program.WaitForExit(s_patience));
    }
}
