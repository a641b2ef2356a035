"""Addresses as a person types them, and without their secrets."""

from urllib.parse import SplitResult, urlsplit, urlunsplit

from pix2pix.errors import UserError


def parse(url: str) -> SplitResult:
    """The parts of an address; UserError where it is none, such as an open bracket in its host."""
    try:
        return urlsplit(url)
    except ValueError as error:
        raise UserError(f"{url.rpartition('@')[2]}: is no valid address ({error})") from None


def redacted(url: str) -> str:
    """The address without user name and password, for messages and records."""
    parts = parse(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])) if parts.netloc else url
