"""A drawn feature phone that shows one page of the short code, as a caller sees it."""

from typing import Final

from markupsafe import Markup

_KEYS: Final = (
    ("1", ""),
    ("2", "abc"),
    ("3", "def"),
    ("4", "ghi"),
    ("5", "jkl"),
    ("6", "mno"),
    ("7", "pqrs"),
    ("8", "tuv"),
    ("9", "wxyz"),
    ("*", "+"),
    ("0", "\N{OPEN BOX}"),
    ("#", "\N{UPWARDS WHITE ARROW}"),
)
# The page is words to everybody; the case and the keys around it are a picture.
_PHONE: Final = Markup(
    '<figure class="handset"><figcaption>{title}</figcaption>'
    '<div class="handset-case"><div class="handset-ear" aria-hidden="true"></div>'
    '<div class="handset-screen"><p class="handset-page">{page}</p>'
    '<div class="handset-answer" aria-hidden="true"></div>'
    '<div class="handset-soft" aria-hidden="true"><span>Send</span><span>Cancel</span></div></div>'
    '<div class="handset-nav" aria-hidden="true">'
    '<i class="call"></i><i class="ring"></i><i class="end"></i></div>'
    '<div class="handset-keys" aria-hidden="true">{keys}</div></div></figure>'
)
_KEY: Final = Markup("<span><b>{digit}</b><small>{letters}</small></span>")


def handset(page_text: str, *, title: str) -> Markup:
    """The phone with this page on its screen; `title` stands under it and says what it shows.

    Pages that use it link `handset.css` in their head.
    """
    keys = Markup("").join(_KEY.format(digit=digit, letters=letters) for digit, letters in _KEYS)
    return _PHONE.format(title=title, page=page_text, keys=keys)
