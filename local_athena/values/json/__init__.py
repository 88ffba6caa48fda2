"""JSON as Trino keeps it: sorted keys, the last of equal keys, numbers in Java's spelling."""
