"""The report: one HTML file that shows what is published, what expires soon and what was not used."""
