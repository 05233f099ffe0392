"""How fast is the hub, beside others and beside itself?

See docs/benchmarks.md for how to read it.
"""
