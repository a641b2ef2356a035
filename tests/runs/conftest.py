"""The same store and the same way to record in it as in the tests of what records."""

from tests.tracking.conftest import empty_store, root, settings, train

__all__ = ["empty_store", "root", "settings", "train"]
