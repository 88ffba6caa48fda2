"""Athena's API on a laptop, over any S3 and Glue endpoint. See README.md in this folder."""
