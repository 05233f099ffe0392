"""The rules. Pure: no clock, no chance, no I/O; everything a rule needs is an argument."""
