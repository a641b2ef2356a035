"""The same store and the same way to record in it as in the tests of what records."""

from tests.tracking.conftest import root, settings, train

__all__ = ["root", "settings", "train"]
