"""The alerting rules ask for metrics that exist, and say what to do."""

import re
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from flask.testing import FlaskClient
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from tests.architecture.test_tree import ROOT
from tests.world import World

# Prometheus' own, and the blackbox exporter's.
FOREIGN = {"up", "probe_success"}
FUNCTIONS = {
    "sum",
    "max",
    "min",
    "name",
    "increase",
    "rate",
    "histogram_quantile",
    "by",
    "and",
    "or",
    "le",
    "kind",
    "network",
}
SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}
REASON = re.compile(r'reason="(\w+)"|reason = "(\w+)" if .* else "(\w+)"')


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((ROOT / "docs/alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def metrics_in(expression: str) -> set[str]:
    bare = re.sub(r"\{[^}]*\}|\[\w+\]", "", expression)
    return set(re.findall(r"[a-z_]{2,}", bare)) - FUNCTIONS


def samples_of(family: Metric) -> set[str]:
    return {family.name + suffix for suffix in SUFFIXES.get(family.type, ("",))}


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: str(rule["alert"]))
def test_an_alert_is_whole(rule: dict[str, Any]) -> None:
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert re.fullmatch(r"[A-Z][A-Za-z]+", rule["alert"])
    assert re.fullmatch(r"\d+m", rule.get("for", "0m"))
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["annotations"]["summary"].endswith(".")
    assert len(rule["annotations"]["description"]) > 50
    assert rule["expr"].count("(") == rule["expr"].count(")")


def test_every_metric_is_exported(client: FlaskClient, world: World) -> None:
    assert world.count("outbox") == 0
    families = text_string_to_metric_families(client.get("/metrics").text)
    exported = {name for family in families for name in samples_of(family)}
    asked = set().union(*(metrics_in(rule["expr"]) for rule in rules()))

    assert len(asked) > len(FOREIGN)
    assert asked - FOREIGN - exported == set()


def test_every_reason_of_a_failure_has_its_alert() -> None:
    sources = [path.read_text() for path in (ROOT / "ussd").rglob("*.py")]
    counted = {
        reason
        for source in sources
        for found in REASON.findall(source)
        for reason in found
        if reason
    }
    expressions = " ".join(rule["expr"] for rule in rules())

    assert {"deadline", "error"} <= counted
    assert set(re.findall(r'reason="(\w+)"', expressions)) == counted
