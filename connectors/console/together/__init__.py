"""What do departments draw, and do together? Draws, joint and special inspections."""
