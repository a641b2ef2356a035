"""What was recorded of the runs of a repository: listed, shown, compared, rebuilt, and completed where a run is missing."""
