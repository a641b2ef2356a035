"""Browser demo of exported models: its files, a local server, and a single-file version."""
