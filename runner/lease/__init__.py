"""The right to write tables. One run holds the lease, and it first ends the queries of a dead holder."""
