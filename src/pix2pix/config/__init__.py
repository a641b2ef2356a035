"""params.yaml as frozen, typed settings. One dataclass field defines each key: its type, range, default and a line of documentation."""
