"""Tables and their storage: the Glue catalog, Hive and Iceberg tables, Hive's DDL, and objects in S3."""
