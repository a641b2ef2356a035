"""The exception whose message is shown to the user."""


class UserError(Exception):
    """An error that the user can fix. The message names what is wrong, the file or key, and what to do.

    Commands and stages print the message without a traceback and exit with code 1.
    """
