"""Implements Athena's API on a laptop, on top of any S3 and Glue endpoint. See README.md in this folder."""
