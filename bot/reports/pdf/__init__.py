"""The report of an experiment as a PDF document."""
