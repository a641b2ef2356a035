"""Read access to Git and DVC: commits, dvc.lock, experiments, the cache, and hashes."""
