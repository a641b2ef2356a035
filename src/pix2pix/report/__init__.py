"""The summary page over all active chains."""
