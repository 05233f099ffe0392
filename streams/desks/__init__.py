"""What would the rules say, and what may be seen? Asked by pages and commands; nothing changes."""
