"""Statements whose answers are known, and how an endpoint's answers stand to them."""
