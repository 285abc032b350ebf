"""Two checks of `make check` that need more than a tool: migrations and known vulnerabilities."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from laptop.demo_settings import Ports, compose
from laptop.engines import Engines, temporary_engines

_AUDIT_SECONDS = 120
_NO_PORTS = Ports(web=8000, simulator=8001)


def check_migrations() -> int:
    """Migrate an empty database and compare it with the tables that the code declares."""
    with temporary_engines() as engines:
        environment = throw_away_environment(engines=engines)
        for words in (["upgrade", "head"], ["check"]):
            alembic = [sys.executable, "-m", "alembic", *words]
            done = subprocess.run(alembic, env=environment, check=False)
            if done.returncode != 0:
                return 1
    return 0


def throw_away_environment(*, engines: Engines) -> dict[str, str]:
    """Return this process's environment with every setting replaced by the demo's."""
    home = Path(tempfile.mkdtemp(prefix="kibeezy-"))
    urls = {
        "DATABASE_URL": engines.database_url,
        "MIGRATION_DATABASE_URL": engines.migration_database_url,
        "REDIS_URL": engines.redis_url,
    }
    settings = compose(environment={}, home=home, ports=_NO_PORTS, engine_urls=urls)
    shutil.rmtree(home)
    return {**os.environ, **settings, "KIBEEZY_HOME": str(home)}


def audit_packages() -> int:
    """Ask for known vulnerabilities of the pinned packages; where nobody answers, say so."""
    audit = [sys.executable, "-m", "pip_audit", "--requirement", "requirements.txt"]
    options = ["--require-hashes", "--disable-pip", "--progress-spinner", "off", "--format", "json"]
    try:
        done = subprocess.run(
            [*audit, *options], capture_output=True, text=True, timeout=_AUDIT_SECONDS, check=False
        )
        dependencies = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        print("Dependency audit left out: the vulnerability service cannot be reached.")
        return 0
    known = [
        f"{each['name']} {each['version']}: {fault['id']}"
        for each in dependencies
        for fault in each.get("vulns", ())
    ]
    print("\n".join(known) or f"No known vulnerability in {len(dependencies)} packages.")
    return 1 if known else 0
