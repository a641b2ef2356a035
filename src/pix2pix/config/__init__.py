"""params.yaml as one frozen, typed Settings."""
