"""Compares an endpoint's answers with known answers of Athena and Trino."""
