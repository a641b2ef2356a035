"""Addresses (URLs): parsed, and without their secrets."""

import re
from urllib.parse import SplitResult, urlsplit

from pix2pix.errors import UserError

_USER_INFO = re.compile(r"(?<=://)[^\s/?#]*@")  # up to the last @ of the host's part


def parse(url: str) -> SplitResult:
    """The parts of an address. Raises UserError where it is not valid, such as an open bracket in its host."""
    try:
        return urlsplit(url)
    except ValueError as error:
        raise UserError(f"{redacted(url)}: is no valid address ({error})") from None


def redacted(text: str) -> str:
    """An address, or a text with addresses in it, without their user names and passwords."""
    return _USER_INFO.sub("", text)
