"""The drawn datasets behind `source: sample`."""
