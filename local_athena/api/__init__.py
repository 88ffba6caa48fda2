"""Implements Athena's API: the HTTP server, the actions, the life cycle of queries, and their results."""
