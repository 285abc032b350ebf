"""The control interface, the page, and the simulator as a process."""

import os
import signal
import socket
import subprocess
import sys

import pytest
import requests

from simulator.config import Config, config_from_environment
from simulator.server import serve_in_thread
from tests.simulator.merchant import Merchant
from tests.simulator.remote import PHONE, Remote


@pytest.mark.parametrize("written", ["0700000001", "254700000001", "+254700000001", "700000001"])
def test_every_form_of_a_number_is_the_same_phone(remote: Remote, written: str) -> None:
    assert remote.handset(written)["phone"] == PHONE


def test_what_is_no_number_is_refused(remote: Remote) -> None:
    answer = requests.get(f"{remote.url}/control/handsets/12", timeout=5)
    assert answer.status_code == 400
    assert "not a Kenyan mobile number" in answer.json()["error"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/control/faults", {"push": "explode"}),
        ("/control/faults", {"nowhere": "drop"}),
        ("/control/faults", {"push": "refuse", "times": 0}),
        ("/control/settings", {"callback_delay_seconds": -1}),
        ("/control/settings", {"dialled_digits": "both"}),
        ("/control/faults", {"ussd": "html"}),
        (f"/control/handsets/{PHONE}", {"next_answer": "dance"}),
    ],
)
def test_a_wrong_body_is_refused_with_one_line(
    remote: Remote, path: str, body: dict[str, object]
) -> None:
    answer = requests.put(remote.url + path, json=body, timeout=5)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_a_fault_lasts_until_it_is_cleared(merchant: Merchant, remote: Remote) -> None:
    merchant.sign_in()
    remote.put("/control/faults", push="refuse")
    assert [merchant.push().status_code for _ in range(2)] == [400, 400]
    assert remote.get("/control/faults")["push"]["fault"] == "refuse"
    remote.put("/control/faults", push=None)
    assert merchant.push().status_code == 200


def test_idle_waits_for_what_is_due(merchant: Merchant, remote: Remote) -> None:
    remote.put("/control/settings", callback_delay_seconds=2)
    remote.set_handset(next_answer="approve")
    merchant.pushed()
    busy = requests.get(f"{remote.url}/control/idle?timeout=0", timeout=5)
    assert busy.status_code == 503
    assert remote.get("/control/idle?timeout=25") == {"idle": True}
    assert remote.get("/control/callbacks")[0]["status"] == 200


def test_reset_forgets_everything_but_the_token(merchant: Merchant, remote: Remote) -> None:
    remote.set_handset(mpesa_balance=7)
    remote.put("/control/settings", prompt_life_seconds=9)
    remote.put("/control/faults", sms="error_500")
    merchant.pushed()
    remote.post("/control/reset")
    state = remote.get("/control/state")
    assert (state["handsets"], state["faults"]) == ([], {})
    assert state["settings"]["prompt_life_seconds"] == 60
    assert remote.get("/control/pushes") == []
    assert merchant.push().status_code == 200


def test_the_page_may_load_nothing_from_elsewhere(remote: Remote) -> None:
    answer = requests.get(remote.url, timeout=5)
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_the_environment_names_everything() -> None:
    config = config_from_environment(
        {"SIMULATOR_PORT": "9", "AT_CALLBACK_SECRET": "new, old", "PUBLIC_URL": "http://x/"}
    )
    assert (config.port, config.at_callback_secret, config.public_url) == (9, "new", "http://x")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_process_at_once(number: signal.Signals) -> None:
    port = _free_port()
    with _start(str(port)) as process:
        _wait_until_open(process, port)
        process.send_signal(number)
        assert process.wait(timeout=30) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_a_taken_port_is_one_line_and_status_2(remote: Remote) -> None:
    port = remote.url.rsplit(":", 1)[1]
    with _start(port) as process:
        _, complaint = process.communicate(timeout=30)
    assert process.returncode == 2
    assert complaint.count("\n") == 1
    assert port in complaint
    assert "SIMULATOR_PORT" in complaint


def test_a_wrong_port_is_one_line_and_status_2() -> None:
    with _start("http") as process:
        _, complaint = process.communicate(timeout=30)
    assert process.returncode == 2
    assert complaint.startswith("simulator: SIMULATOR_PORT must be")


def test_a_stopped_simulator_frees_its_port() -> None:
    running = serve_in_thread(Config(port=0))
    port = int(running.url.rsplit(":", 1)[1])
    running.stop()
    with socket.create_server(("127.0.0.1", port)):
        pass


def _start(port: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "simulator"],
        env=os.environ | {"SIMULATOR_PORT": port},
        stderr=subprocess.PIPE,
        text=True,
    )


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _wait_until_open(process: "subprocess.Popen[str]", port: int) -> None:
    session = requests.Session()
    retries = requests.adapters.Retry(total=60, backoff_factor=0.05, backoff_max=0.5)
    session.mount("http://", requests.adapters.HTTPAdapter(max_retries=retries))
    with session:
        answer = session.get(f"http://127.0.0.1:{port}/control/state", timeout=5)
    assert answer.status_code == 200
    assert process.poll() is None
