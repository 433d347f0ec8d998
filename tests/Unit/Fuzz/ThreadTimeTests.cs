using Hyper2Kvm.Fuzz;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Fuzz;

public class ThreadTimeTests
{
    /// <summary>A bound on a parser's time would be broken by the tests that run beside it.</summary>
    [OracleFact("sh")]
    public void What_another_thread_does_is_not_counted()
    {
        TimeSpan before = ThreadTime.Now;
        TimeSpan other = TimeSpan.Zero;
        Thread working = new(() =>
        {
            TimeSpan started = ThreadTime.Now;
            while (other.TotalMilliseconds < 200)
            {
                other = ThreadTime.Now - started;
            }
        });
        working.Start();
        working.Join();
        Assert.InRange((ThreadTime.Now - before).TotalMilliseconds, 0, 199);
    }
}
