"""Parses statements, and defines their kinds, their outcomes and the interface of engines."""
