"""Calls of AWS: clients, Athena queries, and the meaning of failed calls."""
