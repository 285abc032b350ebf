"""Every route, for every role and method: a page that no policy names stays shut for all."""

from collections.abc import Iterator

import pytest
from flask import Flask, g

from admin.access import Door, Policy
from core.staff.records import Role
from tests.admin.staff_page.desk import HERE, Desk

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@pytest.fixture
def policies(app: Flask) -> dict[str, Policy]:
    """What the page itself knows, read off a request."""
    with app.test_request_context("/admin/sign-in", base_url=HERE):
        app.preprocess_request()
        found = g.site.policies
        assert isinstance(found, dict)
        return found


def routes(app: Flask) -> Iterator[tuple[str, str, set[str]]]:
    """Endpoint, a path that leads there, and its methods."""
    adapter = app.url_map.bind("127.0.0.1:8000")
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/admin"):
            values = dict.fromkeys(rule.arguments, 1)
            if rule.endpoint == "admin.static":
                values = {"filename": "staff.css"}  # type: ignore[dict-item]
            yield rule.endpoint, adapter.build(rule.endpoint, values), set(rule.methods or ())


def test_each_route_has_a_policy_and_each_policy_a_route(
    app: Flask, policies: dict[str, Policy]
) -> None:
    assert {endpoint for endpoint, _, _ in routes(app)} == set(policies)


def test_a_route_without_a_policy_is_shut(desk: Desk, policies: dict[str, Policy]) -> None:
    desk.signs_in()
    del policies["admin.home"]
    assert desk.client.get("/admin/", base_url=HERE).status_code == 403


def test_nobody_gets_in_without_signing_in(
    app: Flask, desk: Desk, policies: dict[str, Policy]
) -> None:
    for endpoint, path, methods in routes(app):
        if policies[endpoint].door is Door.OPEN:
            continue
        method = "POST" if "POST" in methods else "GET"
        answer = desk.client.open(
            path, method=method, base_url=HERE, headers={"Origin": HERE}, buffered=True
        )
        assert answer.status_code == (401 if method == "POST" else 303), path
        if method == "GET":
            assert answer.location.startswith("/admin/sign-in"), path


@pytest.mark.parametrize("role", Role)
def test_each_route_opens_for_its_roles_by_its_method_only(
    app: Flask, desk: Desk, policies: dict[str, Policy], role: Role
) -> None:
    desk.signs_in(role)
    listed = list(routes(app))
    for endpoint, path, methods in listed:
        policy = policies[endpoint]
        others = {each for _, where, its in listed if where == path for each in its - methods}
        for method in set(METHODS) - others:
            # Without its token a form is refused after the role was looked at, and does nothing.
            answer = desk.client.open(
                path, method=method, base_url=HERE, headers={"Origin": HERE}, buffered=True
            )
            where = f"{method} {path} as {role}"
            if method not in methods:
                assert answer.status_code == 405, where
            elif policy.door is Door.ENROLLING:
                assert answer.status_code in {303, 401}, where
            elif policy.door is Door.OPEN:
                assert answer.status_code not in {401, 403, 500, 503}, where
            elif role not in policy.roles:
                assert answer.status_code == 403, where
            elif method == "POST":
                assert answer.status_code == 400, where
            else:
                assert answer.status_code in {200, 404, 422}, where
