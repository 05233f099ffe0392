"""Who is measured? One program each, started by the benchmarks as a process of its own."""
