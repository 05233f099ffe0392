"""What about the publicity systems? Looked at, paused, probed, compared, stood in for."""
