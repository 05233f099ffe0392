"""How is a random draw prepared, kept and told? Shared by the command line and the gateway."""
