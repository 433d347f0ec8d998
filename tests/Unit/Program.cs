// The test assembly is a program too: what is killed in the crash tests runs in a process of its own.
return Hyper2Kvm.Unit.Crash.CrashChild.Run(args);
