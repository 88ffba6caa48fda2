"""Stage 2: the accreditations that expire soon, computed in Python, and the quarantine."""
