"""Stages 1 and 3: the tables that dbt builds, their exports, and the record of their source files."""
