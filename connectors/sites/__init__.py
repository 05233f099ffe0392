"""Connectors to the sites."""
