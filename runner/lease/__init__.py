"""The right to write tables: one run holds the lease, and what a dead one left running is ended first."""
