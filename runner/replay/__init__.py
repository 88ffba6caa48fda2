"""Rejected lines that are corrected and land again, and the accounting of them."""
