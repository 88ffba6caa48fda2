"""Runs Hive's statements on the catalog: CREATE, DROP, ALTER, SHOW, DESCRIBE and MSCK."""
