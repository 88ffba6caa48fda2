"""Lands corrected versions of rejected lines, and accounts for them."""
