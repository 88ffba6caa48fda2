"""Rejected lines that land again, corrected: which there are, what became of them, and how both balance."""
