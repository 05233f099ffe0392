"""How does a stop reach a publicity system, and what proves it (art. 13)? One process a site."""
