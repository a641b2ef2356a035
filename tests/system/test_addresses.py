import pytest

from pix2pix.errors import UserError
from pix2pix.system.addresses import parse, redacted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://me:secret@host:8000/a.zip?b#c", "https://host:8000/a.zip?b#c"),
        ("https://token@host/x", "https://host/x"),
        ("https://ann:s3cr:et@with@signs@host/a", "https://host/a"),
        ("http://host:80/b@c", "http://host:80/b@c"),
        ("https://host?mail=a@b", "https://host?mail=a@b"),
        ("sqlite:////home/ann/mlflow.db", "sqlite:////home/ann/mlflow.db"),
        ("a/path@2/x.zip", "a/path@2/x.zip"),
        ("http://me:secret@[bad", "http://[bad"),
        ("a: https://x:y@host/a.zip\nb: http://host/c@d\n", "a: https://host/a.zip\nb: http://host/c@d\n"),
    ],
)
def test_user_names_and_passwords_are_removed_from_addresses_and_nothing_else(text: str, expected: str) -> None:
    assert redacted(text) == expected


def test_an_address_that_is_not_valid_is_refused_without_its_password() -> None:
    with pytest.raises(UserError, match=r"^http://\[bad: is no valid address"):
        parse("http://me:secret@[bad")
