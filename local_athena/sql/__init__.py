"""Statements before anyone runs them: their text, their kind, their tree, and the shape of what they yield."""
