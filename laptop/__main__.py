"""`python -m laptop COMMAND`, as the Makefile calls it."""

import sys

from laptop.python_version import fault


def main() -> int:
    """Run one command; a reason why it cannot is one line and status 2."""
    line = fault(version=tuple(sys.version_info[:3]), platform=sys.platform)
    if line:
        sys.stderr.write(f"{line}\n")
        return 2
    # Not earlier: these modules are written for the Python that was just asked for.
    from laptop.commands import command  # noqa: PLC0415

    return command(words=sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
