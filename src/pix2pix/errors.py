"""The one exception that is meant for the person at the keyboard."""


class UserError(Exception):
    """A mistake the user can mend. The message says what was wrong, in which file or key, and what to do.

    Programs print it as it is, without a traceback, and exit with 1.
    """
