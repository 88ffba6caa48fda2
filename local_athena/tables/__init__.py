"""Reads and writes tables: the Glue catalog, Hive and Iceberg tables, DDL statements, and objects in S3."""
