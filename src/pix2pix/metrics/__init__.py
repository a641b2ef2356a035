"""Image metrics, one in each module, and `registry`, the table of all of them."""
