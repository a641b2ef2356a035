"""The exception for files that cannot be used as images."""


class BadImage(Exception):
    """A file that cannot be used as an image. The message is the reason."""
