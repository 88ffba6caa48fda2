"""Statements before they run: their text, kind and tree, and the shape of their outcome."""
