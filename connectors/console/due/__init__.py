"""What is due, at whom does it wait, and how is the whole? Deadlines, stops, repairs, status."""
