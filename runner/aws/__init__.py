"""Calls of AWS: clients, Athena's queries, and what a failed call means."""
