"""Connectors to the departments."""
