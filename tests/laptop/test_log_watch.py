"""Which lines of a log reach the terminal."""

from pathlib import Path

from laptop.log_watch import LogWatch


def test_errors_are_shown_once_and_the_rest_is_not(tmp_path: Path) -> None:
    path = tmp_path / "web.log"
    watch = LogWatch("web", path)
    path.write_text('{"level": "info", "event": "a hop"}\n{"level": "error", "event": "broken"}\n')

    assert list(watch.errors()) == ['web: {"level": "error", "event": "broken"}']
    assert list(watch.errors()) == []


def test_a_line_still_being_written_waits(tmp_path: Path) -> None:
    path = tmp_path / "web.log"
    watch = LogWatch("web", path)
    path.write_text('{"level": "cri')
    assert list(watch.errors()) == []

    with path.open("a") as log:
        log.write('tical"}\n')

    assert list(watch.errors()) == ['web: {"level": "critical"}']
