"""Traces: off they cost nothing, on they are all sent, and whatever is a person's stays here."""

from __future__ import annotations

import http.server
import multiprocessing
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import Status, StatusCode

from granny.config.paths import HOME
from granny.config.settings import Settings
from granny.worker.tracing import discreet

SAID = "my knee hurts"
WORKING = """
import os
from livekit.agents import telemetry
from granny.worker import tracing

def work():
    tracing.begin("granny")
    tracing.begin("granny")  # as where calls run in threads of one process
    with telemetry.tracer.start_as_current_span("turn") as span:
        span.set_attribute("lk.pii.response.text", os.environ["SAID"])
        span.set_attribute("lk.speech_id", "speech_1")
        telemetry.utils.record_exception(span, ValueError(os.environ["SAID"]))
"""

MAIN = """
import multiprocessing
import working

if __name__ == "__main__":
    process = multiprocessing.get_context("{method}").Process(target=working.work)
    process.start()
    process.join()
    raise SystemExit(process.exitcode)
"""


@pytest.fixture
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """An address, and what is sent there."""
    sent: list[bytes] = []

    class Taking(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  http.server's name
            """Nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Taking) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}", sent
        server.shutdown()
        serving.join()


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_a_process_that_ends_has_sent_its_spans_each_once_and_nobodys_words(
    collector: tuple[str, list[bytes]], tmp_path: Path, bare_environment: dict[str, str], method: str
) -> None:
    """A job's process runs no `atexit`, and its last spans are those of its end."""
    address, sent = collector
    (tmp_path / "working.py").write_text(WORKING, encoding="utf-8")
    (tmp_path / "main.py").write_text(MAIN.format(method=method), encoding="utf-8")
    variables = {
        "PYTHONPATH": os.pathsep.join((str(HOME), str(tmp_path))),
        "OTEL_EXPORTER_OTLP_ENDPOINT": address,
        "LIVEKIT_TELEMETRY_ALLOW_PII": "1",  # ours outranks it
        "SAID": SAID,
    }
    subprocess.run([sys.executable, str(tmp_path / "main.py")], env=bare_environment | variables, check=True)
    (span,) = (
        span
        for body in sent
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    )
    told = {one.key: one.value.string_value for one in span.attributes}
    assert (span.name, told["lk.speech_id"], told["exception.type"]) == ("turn", "speech_1", "ValueError")
    assert SAID.encode() not in b"".join(sent)


def test_without_an_address_there_are_no_traces_and_nothing_is_imported(bare_environment: dict[str, str]) -> None:
    code = (
        "import sys; from unittest import mock; from granny.config.settings import Settings; "
        "from granny.worker.server import _hand_over; "
        "_hand_over(Settings(OPENAI_API_KEY='sk-FAKEFAKE'), mock.MagicMock(), mock.MagicMock()); "
        "print('granny.worker.tracing' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=HOME, env=bare_environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ({}, False),
        ({"OTEL_SERVICE_NAME": "granny"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces"}, True),
    ],
)
def test_an_address_is_what_turns_them_on(values: dict[str, str], *, wanted: bool) -> None:
    assert Settings.model_validate({"OPENAI_API_KEY": "sk-FAKE", **values}).traces is wanted


def test_a_span_shows_no_telephone_number() -> None:
    """The framework copies what the SIP bridge tells, and takes one of the two numbers alone for a person's."""
    number, status = "+493023125017", Status(StatusCode.ERROR, "sip_+493023125017 is gone")
    event = Event("left", {"identity": f"sip_{number}"}, 7)
    told: dict[str, str | int] = {
        "lk.sip.trunkPhoneNumber": number,
        "room": f"phone_{number}_x",
        "lk.sip.callID": "SCL_x7",
        "turns": 3,
    }
    span = discreet(ReadableSpan(f"dial {number}", attributes=told, events=[event], status=status, start_time=1))
    assert number not in span.to_json()
    assert "3125017" not in span.to_json()
    assert dict(span.attributes or {}) == {"room": "phone_\u202617_x", "lk.sip.callID": "SCL_x7", "turns": 3}
    assert (span.start_time, span.events[0].timestamp, span.status.status_code) == (1, 7, StatusCode.ERROR)
