import pytest

from pix2pix.errors import UserError
from pix2pix.system.addresses import is_local, parse, redacted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://me:secret@host:8000/a.zip?b#c", "https://host:8000/a.zip?***#***"),
        ("https://token@host/x", "https://host/x"),
        ("https://ann:s3cr:et@with@signs@host/a", "https://host/a"),
        ("https://me:secret/with?all#of@it@host/a", "https://host/a"),
        ("http://host:80/b@c", "http://host:80/b@c"),
        ("https://[::1]:80/b@c", "https://[::1]:80/b@c"),
        ("https://host?mail=secret@b", "https://host?***"),
        ("https://host/a.zip?X-Amz-Signature=secret#sha256=0f", "https://host/a.zip?***#sha256=0f"),
        ("https://host/a.zip#access_token=secret", "https://host/a.zip#***"),
        ("ftp://me:secret@host/a.zip", "ftp://host/a.zip"),
        ("file://me:secret@host/a.zip", "file://host/a.zip"),
        ("s3://bucket/a?sig=secret", "s3://bucket/a?***"),
        ("https:/me:secret@host/a.zip", "https:/host/a.zip"),
        ("https:me:secret@host/a.zip", "https:host/a.zip"),
        ("https//me:secret@host/a.zip", "https//host/a.zip"),
        ("://me:secret@host/a.zip", "://host/a.zip"),
        ("htps://me:secret@host/a.zip", "htps://host/a.zip"),
        ("me:secret@host/a.zip?sig=secret", "host/a.zip?***"),
        ("scales.sample.food.source=me:secret@host/a.zip", "scales.sample.food.source=host/a.zip"),
        ("source='https://me:secret@host/a?sig=secret': no", "source='https://host/a?***': no"),
        ("{source: https://me:secret@host/a?sig=secret, kind: lab}", "{source: https://host/a?***, kind: lab}"),
        ("http://me:secret@[bad", "http://[bad"),
        ("a: https://x:y@host/a.zip\nb: http://host/c@d\n", "a: https://host/a.zip\nb: http://host/c@d\n"),
        *((text, text) for text in (
            "sqlite:////home/ann/mlflow.db", "a/path@2/x.zip", "/data/a:1/b@2.zip", "models:/pix2pix-facades@champion", "runs:/1/model",
            "is there a network?", "profile/x?", "see https://host/a.", "ann@example.org", "file:///home/ann@work/a.zip",
        )),
    ],
)  # fmt: skip
def test_what_may_be_secret_is_removed_from_addresses_and_nothing_else(text: str, expected: str) -> None:
    assert redacted(text) == expected == redacted(expected)


@pytest.mark.parametrize("text", ["http://me:secret@[bad", "http://me:secret@host:port/"])
def test_an_address_that_is_not_valid_is_refused_without_its_password(text: str) -> None:
    with pytest.raises(UserError, match=r"is no valid address") as caught:
        parse(text)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "local"),
    [
        *((host, True) for host in (
            "127.0.0.1", "localhost", "127.1", "2130706433", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
            "100.64.0.1", "224.0.0.1", "::1", "::", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1",
        )),
        *((host, False) for host in ("93.184.215.14", "2606:2800:21f:cb07::1", "::ffff:93.184.215.14", "no.such.invalid", "a" * 70, None)),
    ],
)  # fmt: skip
def test_addresses_of_this_machine_and_its_network_are_told_from_public_ones(host: str | None, local: bool) -> None:
    assert is_local(host) is local
