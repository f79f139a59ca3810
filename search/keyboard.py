"""What the same keys give on the other keyboard layout: Thai Kedmanee and US QWERTY."""

_LATIN = "`1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./"
_LATIN_SHIFT = '~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:"ZXCVBNM<>?'
_THAI = "_ๅ/-ภถุึคตจขชๆไำพะัีรนยบลฃฟหกดเ้่าสวงผปแอิืทมใฝ"
_THAI_SHIFT = '%+๑๒๓๔ู฿๕๖๗๘๙๐"ฎฑธํ๊ณฯญฐ,ฅฤฆฏโฌ็๋ษศซ.()ฉฮฺ์?ฒฬฦ'
_TO_THAI = dict(zip(_LATIN + _LATIN_SHIFT, _THAI + _THAI_SHIFT, strict=True))
_TO_LATIN = dict(zip(_THAI + _THAI_SHIFT, _LATIN + _LATIN_SHIFT, strict=True))


def on_other_layout(text: str) -> str:
    """Return what was meant if the wrong layout was on; empty if the text holds both scripts."""
    has_thai = any("\u0e01" <= letter <= "\u0e5b" for letter in text)
    has_latin = any(letter.isascii() and letter.isalpha() for letter in text)
    if has_thai and has_latin:
        return ""
    keys = _TO_LATIN if has_thai else _TO_THAI
    return "".join(keys.get(letter, letter) for letter in text)
