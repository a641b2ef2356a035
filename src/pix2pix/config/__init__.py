"""params.yaml as one frozen, typed Settings. A key is defined once, by a field of a dataclass: type, range, default and one line of doc."""
