"""Implements the Trino engine: installs and starts a real Trino server and runs statements on it."""
