"""Comparing Vietnamese names and labels. Nothing here rewrites what a person wrote."""

import re
import unicodedata

_TONES = "\u0300\u0301\u0303\u0309\u0323"
_LIKE_D = {0xD0: 0x110, 0x189: 0x110, 0xF0: 0x111}  # Icelandic and African look-alikes: the barred D is meant
_BARRED_D = {0x110: "D", 0x111: "d"}
_NOT_WORD = re.compile(r"[^\w]+", re.UNICODE)
_LONGEST_WORDS = 80
_Y_END = re.compile(r"(?:(?<=[hklmst])|(?<=qu))y\b")


def nfc(text: str) -> str:
    """Composed form, look-alike Đ unified, every kind of space as one blank, ends trimmed."""
    composed = unicodedata.normalize("NFC", text).translate(_LIKE_D)
    if not composed.isprintable():  # format letters never are
        composed = "".join(c for c in composed if unicodedata.category(c) != "Cf")
    return " ".join(composed.split())


def same_sound(text: str) -> str:
    """A key equal for spellings that differ only in case, tone-mark placement or i/y: hòa/hoà, Kỳ/Kì.

    Each word's tone mark is moved to the end of the word.
    """
    words = []
    for word in nfc(text).lower().split():
        letters = unicodedata.normalize("NFD", word)
        tone = "".join(c for c in letters if c in _TONES)
        bare = "".join(c for c in letters if c not in _TONES)
        words.append(unicodedata.normalize("NFC", _Y_END.sub("i", bare)) + tone)
    return " ".join(words)


def markless(text: str) -> str:
    """A key without any mark: "Bình Lãng" and "Bình Lăng" both give "binh lang". Use only where it is unique."""
    letters = unicodedata.normalize("NFD", nfc(text).lower().translate(_BARRED_D))
    return "".join(c for c in letters if not unicodedata.combining(c))


def label_key(text: str) -> str:
    """A key for comparing labels: sounds alike, punctuation and spacing ignored."""
    return _NOT_WORD.sub(" ", same_sound(text)).strip()


def code_key(text: str) -> str:
    """A printed code as an identifier: "1.4." -> "1.4", "2,1)" -> "2.1"."""
    return re.sub(r"[^0-9.]", "", nfc(text).replace(",", ".")).strip(".")


def without_controls(text: str) -> str:
    """Text safe to show on one line: control, format and line characters removed."""
    return " ".join("".join(c if unicodedata.category(c)[0] != "C" else " " for c in text).split())


def file_words(text: str) -> str:
    """Text fit for a file name on any system, no longer than 80 letters: "Bình Lãng" -> "Binh-Lang"."""
    letters = unicodedata.normalize("NFD", nfc(text).translate(_BARRED_D))
    plain = "".join(c for c in letters if not unicodedata.combining(c))
    return re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")[:_LONGEST_WORDS].rstrip("-")
