"""How do answers reach a terminal? Tables, cards, moments, safe text."""
