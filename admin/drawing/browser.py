"""A browser in plain words, so that somebody knows their own session from a stranger's."""

from typing import Final

# The first that stands in what a browser says of itself: most name others as well.
_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("OPT/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Windows", "Windows"),
    ("CrOS", "a Chromebook"),
    ("Mac OS X", "a Mac"),
    ("Linux", "Linux"),
)


def in_words(user_agent: str) -> str:
    """Such as `Chrome on Android`; what nobody knows is said to be that."""
    browser = _first(_BROWSERS, user_agent) or "Another program"
    system = _first(_SYSTEMS, user_agent)
    return browser if system is None else f"{browser} on {system}"


def _first(known: tuple[tuple[str, str], ...], user_agent: str) -> str | None:
    return next((words for sign, words in known if sign in user_agent), None)
