"""The staff page takes a few of a process's threads, and leaves the others to callers."""

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, TypeAlias
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

# Of the 16 threads of a process; and how long one more waits for a place.
STAFF_AT_ONCE: Final = 6
STAFF_WAITS_SECONDS: Final = 0.5
Headers: TypeAlias = list[tuple[str, str]]


def few_at_once(application: WSGIApplication) -> WSGIApplication:
    """The application, whose staff page keeps most threads free for callers and callbacks.

    A place is held from before the body is read until the answer is made; where it is made while it
    is sent, as an export is, until its end. Who sends or reads slowly holds up the staff page only.
    """
    places = threading.BoundedSemaphore(STAFF_AT_ONCE)

    def limited(environment: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environment.get("PATH_INFO", "")
        if not path.startswith("/admin") or path.startswith("/admin/static/"):
            return application(environment, start_response)
        if not places.acquire(timeout=STAFF_WAITS_SECONDS):
            start_response("503 Service Unavailable", [("Retry-After", "1")])
            return [b"The staff page is busy. Try again in a moment."]
        is_made = False
        names: list[str] = []

        def begin(status: str, headers: Headers, *fault: Any) -> Callable[[bytes], object]:  # noqa: ANN401 - what WSGI says of a failure
            names.extend(name for name, _ in headers)
            return start_response(status, headers, *fault)

        try:
            answer = application(environment, begin)
            is_made = "Content-Length" in names
        except BaseException:
            is_made = True
            raise
        finally:
            if is_made:
                places.release()
        return answer if is_made else _Held(answer, places.release)

    return limited


class _Held:
    """An answer that gives something back once it was read, or is given up."""

    def __init__(self, answer: Iterable[bytes], give_back: Callable[[], None]) -> None:
        self._answer, self._parts, self._give_back = answer, iter(answer), give_back
        self._is_open = True

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._parts)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            self._give_back()
            if hasattr(self._answer, "close"):
                self._answer.close()
