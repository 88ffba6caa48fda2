"""Hive's statements on the catalog: CREATE, DROP, ALTER, SHOW, DESCRIBE, MSCK."""
