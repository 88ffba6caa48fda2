"""Athena's wire protocol: the HTTP server, the actions, the life cycle of queries, and their results."""
