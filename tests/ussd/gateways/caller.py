"""Pushes as Hubtel makes them, and as nobody should."""

import json
from typing import Any

from flask.testing import FlaskClient

from tests.phone import HUBTEL_ROUTE, Hubtel, Phone, Shown

NUMBER, OTHER = "+254700000001", "+254700000002"
POLITE = "Please dial again"
# What every answer holds, by the provider's reference.
ANSWERED = {"SessionId", "Type", "Message", "Label", "ClientState", "DataType", "FieldType"}

Push = dict[str, Any]


def push_of(phone: Phone, **changes: object) -> Push:
    """The last hop of this phone, with other fields."""
    return {**phone.form, "Sequence": int(phone.form["Sequence"]), **changes}


def next_push(phone: Phone, keys: str, **changes: object) -> Push:
    """The hop that this phone would make next, with other fields."""
    form = Hubtel().types(keys, after=phone.form)
    return {**form, "Sequence": int(form["Sequence"]), **changes}


def posts(client: FlaskClient, body: bytes, content_type: str = "application/json") -> Shown:
    """Post a body; whatever it is, the answer has the provider's form."""
    response = client.post(HUBTEL_ROUTE, data=body, content_type=content_type)
    assert response.status_code == 200
    assert response.content_type == "application/json"
    told = response.get_json()
    assert told.keys() == ANSWERED
    assert all(isinstance(value, str) for value in told.values())
    return Hubtel().reads(response.text)


def pushes(client: FlaskClient, push: Push) -> Shown:
    return posts(client, json.dumps(push).encode())
