"""Athena's API on a laptop, over any S3 and Glue endpoint. See README.md beside this file."""
