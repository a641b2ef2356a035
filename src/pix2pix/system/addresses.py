"""Parse URLs, tell those of the local network, and remove what may be secret: user names, passwords, queries."""

import ipaddress
import re
import socket
from urllib.parse import SplitResult, urlsplit

from pix2pix.errors import UserError

# The scheme of an address, also of a mistyped one such as https:/host or ftp//host. models:/ and runs:/ are names in MLflow.
_SCHEME = re.compile(r"(?<!\w)(?!(?:models|runs):/)(?:[a-z][a-z0-9+.-]*:/+|(?:https?|s?ftps?|file)(?::|//)|://)", re.IGNORECASE)
_PLAIN_HOST = re.compile(r"(?:[\w.-]*|\[[\w:.%]*\])(?::\d*)?(?=[/?#\"'>)\]},;]|$)")  # a host without user information, and its port
_NO_SCHEME = re.compile(r"(?:^|(?<=[=(\"'\[{]))(?!models:|runs:)[^/:@=\"'({\[]+:\S*@(?=\S)")  # user:password@host
_QUERY = re.compile(r"\?[^#]+?(?=[\"'>)\]},;.:]*(?:#|$))")  # up to the fragment, or what closes a quotation
_FRAGMENT = re.compile(r"#(?!sha256=|\*\*\*)[^#]+?(?=[\"'>)\]},;.:]*$)")
_MASK = "***"
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052


def parse(url: str) -> SplitResult:
    """Split a URL into its parts. Raises UserError for an invalid one, such as an unclosed bracket in the host."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for one that is no number
        return parts
    except ValueError:
        raise UserError(f"{redacted(url)}: is no valid address: its brackets or its port are wrong") from None


def is_local(host: str | None) -> bool:
    """Whether a host is, or its name resolves to, an address of this machine or its network, or any other that is not public.

    False for a name that does not resolve: a request to it fails, or goes through a proxy.
    """
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):  # UnicodeError: a label of over 63 characters
        return False
    return not all(_is_public(str(entry[4][0])) for entry in found)


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        in_nat64 = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None
        address = address.ipv4_mapped or address.sixtofour or in_nat64 or address
    return address.is_global and not address.is_multicast


def redacted(text: str) -> str:
    """`text`, a URL or a text that contains URLs, without what may be secret in them.

    User information goes up to the last `@`, since a mistyped password may hold any character; a query (a presigned address has its
    signature there) and a fragment other than `#sha256=…` become `***`. Addresses without a scheme, or with a mistyped one, are included.
    """
    return re.sub(r"\S+", lambda word: _redacted(word[0]), text)


def _redacted(word: str) -> str:
    scheme = _SCHEME.search(word)
    if scheme is None:
        word = _NO_SCHEME.sub("", word)
        return _without_query(word) if re.search(r"[?#][^?#]*=", word) else word
    before, rest = word[: scheme.end()], word[scheme.end() :]
    if not _PLAIN_HOST.match(rest):
        rest = rest.rpartition("@")[2]
    return before + _without_query(rest)


def _without_query(address: str) -> str:
    return _FRAGMENT.sub(f"#{_MASK}", _QUERY.sub(f"?{_MASK}", address, count=1))
