"""How does the hub look to those who run it? `/ops`: live pages, acts on record."""
