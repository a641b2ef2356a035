"""Decode the names of zip members that are not marked as UTF-8."""

import unicodedata

_EAST_ASIAN = {"gbk": "Chinese (GBK)", "shift_jis": "Japanese (Shift-JIS)"}
_COMMON = {"gbk": "gb2312", "shift_jis": "shift_jis"}  # the part of the encoding that names are written in


def decode_name(raw: bytes) -> tuple[str, str]:
    """A name's bytes -> the name, and the encoding it was read in, as words ('' for ASCII and UTF-8).

    The format says code page 437 (APPNOTE 4.4.4), but programs write what their system has: UTF-8 on macOS, GBK or Shift-JIS on East Asian
    Windows. These are recognised: UTF-8 by its form, the others where all that is no ASCII is common Chinese or Japanese. Code page 437 has
    a letter for each byte, so that different names stay different.
    """
    for encoding in ("ascii", "utf-8"):
        try:
            return raw.decode(encoding), ""
        except UnicodeDecodeError:
            continue
    for encoding, words in _EAST_ASIAN.items():
        try:
            name = raw.decode(encoding)
            name.encode(_COMMON[encoding])
        except UnicodeError:
            continue
        if _reads_as_words(name):
            return name, words
    return raw.decode("cp437"), "code page 437"


def _reads_as_words(name: str) -> bool:
    """Whether all letters that are no ASCII are Chinese or Japanese, two or more of them together: accents stand alone."""
    others = [letter for letter in name if not letter.isascii()]
    runs = "".join(" " if letter.isascii() else letter for letter in name).split()
    words = all(unicodedata.name(letter, "").startswith(("CJK", "HIRAGANA", "KATAKANA", "IDEOGRAPHIC", "FULLWIDTH")) for letter in others)
    return words and len(others) >= 2 * len(runs)
