"""Stages 1 and 3: the tables that dbt builds, their exports, and what they were built from."""
