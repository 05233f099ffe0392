"""What do people see: whoever scans, enterprises, officers? Pages without scripts."""
