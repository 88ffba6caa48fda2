"""Types and values as Trino has them: types in five systems, JSON, numbers as text, text that is not UTF-8."""
