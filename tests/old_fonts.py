"""Texts as the Vietnamese fonts of the nineties store them: TCVN3 (.VnTime) one byte a letter, VNI two."""

import unicodedata

_LETTERS = "áàảãạăắằẳẵặâấầẩẫậéèẻẽẹêếềểễệíìỉĩịóòỏõọôốồổỗộơớờởỡợúùủũụưứừửữựýỳỷỹỵđ"
_TCVN3 = "¸µ¶·¹¨¾»¼½Æ©ÊÇÈÉËÐÌÎÏÑªÕÒÓÔÖÝ×ØÜÞãßáâä«èåæçé¬íêëìîóïñòô\u00adøõö÷ùýúûüþ®"
_CAPITALS = {"Đ": "§", "Ă": "¡", "Â": "¢", "Ê": "£", "Ô": "¤", "Ơ": "¥", "Ư": "¦"}
_TONES = {"\u0301": "ù", "\u0300": "ø", "\u0309": "û", "\u0303": "õ", "\u0323": "ï"}
_HATS = {
    "\u0302": dict(zip(("", "\u0301", "\u0300", "\u0309", "\u0303", "\u0323"), "âáàåãä", strict=True)),
    "\u0306": dict(zip(("", "\u0301", "\u0300", "\u0309", "\u0303", "\u0323"), "êéèúüë", strict=True)),
}
_SINGLE = {"ỉ": "æ", "ĩ": "ó", "ị": "ò", "í": "í", "ì": "ì", "đ": "ñ", "Đ": "Ñ", "ỵ": "î"}
_HORNS = {"o": "ô", "u": "ö"}


def tcvn3(text: str) -> str:
    """``Bình Lãng`` -> ``B×nh L·ng``; capitals come from a font of capitals, with the small letters' codes."""
    table = dict(zip(_LETTERS, _TCVN3, strict=True)) | _CAPITALS
    composed = unicodedata.normalize("NFC", text)
    return "".join(table.get(letter) or table.get(letter.lower()) or letter for letter in composed)


def vni(text: str) -> str:
    """``Bình Lãng`` -> ``Bình Laõng``."""
    pieces = []
    for letter in unicodedata.normalize("NFC", text):
        pieces.append(_SINGLE.get(letter) or _vni_letter(letter))
    return "".join(pieces)


def _vni_letter(letter: str) -> str:
    base, *marks = unicodedata.normalize("NFD", letter)
    tone = next((mark for mark in marks if mark in _TONES), "")
    hat = next((mark for mark in marks if mark in _HATS), "")
    if hat:
        sign = _HATS[hat][tone]
    else:
        base = _HORNS.get(base.lower(), base) if "\u031b" in marks else base
        sign = _TONES.get(tone, "")
    return base + (sign.upper() if letter.isupper() else sign)
