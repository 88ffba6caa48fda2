"""Runs dbt inside this process and keeps the parsed project between runs."""
