"""The report: one page on all active datasets."""
