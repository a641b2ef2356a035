"""The page that runs exported models in a browser: what belongs to it, its server, and the same in one file."""
