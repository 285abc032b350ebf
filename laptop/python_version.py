"""Says in one line why this Python or this system is not enough; runs on any Python."""

# No f-string and nothing newer than Python 3.0 here: an old Python must be able to read it.
import sys

OLDEST = (3, 11)


def fault(*, version: "tuple[int, ...]", platform: str) -> str:
    """Return the line to show, or nothing where all is well."""
    if platform.startswith("win"):
        return "Kibeezy runs on Linux and macOS; on Windows use WSL (wsl --install)."
    if version[:2] < OLDEST:
        return (
            "Kibeezy needs Python 3.11 or newer, and this is {}.{}: "
            "make run PYTHON=/path/to/a/newer/python3".format(*version[:2])
        )
    return ""


if __name__ == "__main__":
    line = fault(version=tuple(sys.version_info[:3]), platform=sys.platform)
    if line:
        sys.stderr.write(line + "\n")
        sys.exit(2)
