"""A recorded conversation, read from its plain text and written back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

LOST = "the answer is lost"
SAID = ("< ", "sms ")


@dataclass(frozen=True)
class Step:
    """One thing that happens, and what the phone shows then."""

    line: int
    remarks: tuple[str, ...]
    words: str
    said: tuple[str, ...]

    @property
    def answer_is_lost(self) -> bool:
        return LOST in self.said

    def saying(self, lines: list[str]) -> Step:
        return replace(self, said=tuple(lines))

    def text(self) -> str:
        return "".join(f"{line}\n" for line in (*self.remarks, self.words, *self.said))


def read(text: str) -> Iterator[Step]:
    """Every step of the script; blank lines and `#` belong to the step that they stand before."""
    step: Step | None = None
    remarks: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line or line.startswith("#"):
            remarks.append(line)
        elif _is_said(line):
            assert step is not None, f"line {number}: nothing has happened before {line!r}"
            assert not remarks, f"line {number}: no blank line and no remark inside a page"
            step = replace(step, said=(*step.said, line))
        else:
            if step is not None:
                yield step
            step, remarks = Step(number, tuple(remarks), line, ()), []
    assert step is not None, "an empty script"
    yield step


def _is_said(line: str) -> bool:
    return line.startswith(SAID) or line in {"<", "ends", LOST}
