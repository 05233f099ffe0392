"""What do administrators publish? Registries by sheets, policies, working days."""
