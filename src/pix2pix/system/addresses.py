"""Parse URLs, and remove user names and passwords from them."""

import re
from urllib.parse import SplitResult, urlsplit

from pix2pix.errors import UserError

_USER_INFO = re.compile(r"(?<=://)[^\s/?#]*@")  # up to the last @ before the path


def parse(url: str) -> SplitResult:
    """Split a URL into its parts. Raises UserError for an invalid one, such as an unclosed bracket in the host."""
    try:
        return urlsplit(url)
    except ValueError as error:
        raise UserError(f"{redacted(url)}: is no valid address ({error})") from None


def redacted(text: str) -> str:
    """`text`, a URL or a text that contains URLs, without their user names and passwords."""
    return _USER_INFO.sub("", text)
