"""Runs the simulator until it is told to stop: `python -m simulator`."""

import sys

from simulator.config import ConfigError, config_from_environment
from simulator.server import HOST, serve_until_signal


def main() -> int:
    """Serve; return 0 after a signal, 2 where a setting is wrong or the port is taken."""
    try:
        config = config_from_environment()
    except ConfigError as error:
        return _complain(str(error))
    try:
        serve_until_signal(config)
    except OSError as error:
        reason = error.strerror or error
        return _complain(
            f"cannot listen on {HOST}:{config.port} ({reason}); SIMULATOR_PORT moves it"
        )
    return 0


def _complain(line: str) -> int:
    sys.stderr.write(f"simulator: {line}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
