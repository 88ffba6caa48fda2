"""The Trino engine: a real Trino server behind the same protocol, fetched, started and spoken to."""
