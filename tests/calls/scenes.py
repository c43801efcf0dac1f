"""What can go wrong in a call: each scene provokes one fault, and says what the caller must meet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from granny.lines import Line
from granny.rehearsal.openai.errors import SESSION_EXPIRED, WireError
from granny.rehearsal.openai.script import Cut, HttpAnswer, Opening, ResponseFault, Script

FATAL = 1.0
TRANSIENT = 2.5
FIRST_WORD = 6.5
NO_ANSWER = 8.5
"""Seconds from the fault on the wire to the first sound of a recorded line: the aim."""

Moment = Literal["start", "answer"]


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One provoked fault.

    Attributes:
        name: what happens, in words.
        at: whether it meets the call's start, or the answer to the caller's first sentence.
        script: what the stand-in does wrong from then on; may depend on the number of the call's connection.
        lines: the recorded lines that the caller hears, in order, but for the greeting, which is a voice here.
        slug: the fault that ends the call; None if the call goes on.
        or_slug: another that it may be: whether a loss is met in reading or in writing is a matter of chance.
        told: the faults that the room hears of besides.
        aim: the longest wait for the first line, in seconds.
        again: how many more times the caller speaks, so that the call can go on or end.
    """

    name: str
    at: Moment
    script: Script | Callable[[int], Script]
    lines: tuple[Line, ...] = ()
    slug: str | None = None
    or_slug: str | None = None
    told: tuple[str, ...] = ()
    aim: float = FATAL
    again: int = 0


def refuse(status: int | None, code: str | None, message: str = "", *, kind: str = "invalid_request_error") -> Script:
    error = WireError(code, message, type=kind)
    return Script(handshakes=(HttpAnswer(status, error.body()),))


def throw_out(code: str | None, close: int) -> Script:
    error = WireError(code) if code else None
    return Script(openings=(Opening(cut=Cut(error=error, close=close)),))


def failed(code: str, kind: str = "invalid_request_error") -> Script:
    return Script(responses=(ResponseFault(failed=WireError(code, type=kind)),))


def break_off(cut: Cut, *, then: Script) -> Callable[[int], Script]:
    """The answer to the caller breaks off after 0.4 s, and the next connections meet another script."""

    def script(connection: int) -> Script:
        broken = ResponseFault(when="speaking", after_ms=400, cut=cut, connections=(connection,))
        return replace(then, responses=(broken, *then.responses))

    return script


def torn_then(script: Script) -> Callable[[int], Script]:
    return break_off(Cut(abort=True), then=script)


NOT_SET_UP = (Line.NOT_SET_UP,)
NO_CREDIT = (Line.NO_CREDIT,)
GIVEN_UP = (Line.ONE_MOMENT, Line.CANNOT_REACH_VOICE)
SCOPES = "You have insufficient permissions for this operation. Missing scopes: api.model.request."
VERIFY = "Your organization must be verified to use the model."
BLOCKED = HttpAnswer(403, "<html>Sorry, you have been blocked</html>", "text/html", (("Server", "cloudflare"),))
CHALLENGE = HttpAnswer(403, "<html>Just a moment</html>", "text/html", (("cf-mitigated", "challenge"),))

SCENES = (
    Scene(
        name="401 at the handshake",
        at="start",
        script=refuse(401, "invalid_api_key"),
        lines=NOT_SET_UP,
        slug="openai-key-rejected",
    ),
    Scene(
        name="403 for the address",
        at="start",
        script=refuse(403, "ip_not_authorized"),
        lines=NOT_SET_UP,
        slug="openai-ip-refused",
    ),
    Scene(
        name="403 for the region",
        at="start",
        script=refuse(403, "unsupported_country_region_territory"),
        lines=NOT_SET_UP,
        slug="openai-region-refused",
    ),
    Scene(
        name="401 for an account of another region",
        at="start",
        script=refuse(401, "incorrect_hostname"),
        lines=NOT_SET_UP,
        slug="openai-wrong-region",
    ),
    Scene(
        name="401 for a closed account",
        at="start",
        script=refuse(401, "account_deactivated"),
        lines=NOT_SET_UP,
        slug="openai-account-closed",
    ),
    Scene(
        name="403 for an unverified organization",
        at="start",
        script=refuse(403, None, VERIFY),
        lines=NOT_SET_UP,
        slug="openai-organisation-unverified",
    ),
    Scene(
        name="403 of the guard",
        at="start",
        script=Script(handshakes=(BLOCKED,)),
        lines=NOT_SET_UP,
        slug="openai-blocked",
    ),
    Scene(
        name="402 of a gateway",
        at="start",
        script=refuse(402, None),
        lines=NO_CREDIT,
        slug="openai-out-of-credit",
    ),
    Scene(
        name="404 for the model",
        at="start",
        script=refuse(404, "model_not_found"),
        lines=NOT_SET_UP,
        slug="openai-model-unavailable",
    ),
    Scene(
        name="401 for want of scopes, three times",
        at="start",
        script=refuse(401, None, SCOPES),
        lines=NOT_SET_UP,
        slug="openai-key-scope",
        aim=TRANSIENT,
    ),
    Scene(
        name="429 for want of credit",
        at="start",
        script=refuse(429, "insufficient_quota", kind="insufficient_quota"),
        lines=NO_CREDIT,
        slug="openai-out-of-credit",
    ),
    Scene(
        name="429 for haste",
        at="start",
        script=refuse(429, "rate_limit_exceeded"),
        lines=GIVEN_UP,
        slug="openai-rate-limited",
        aim=TRANSIENT,
    ),
    Scene(
        name="503 at the handshake",
        at="start",
        script=refuse(503, "server_error"),
        lines=GIVEN_UP,
        slug="openai-unavailable",
        aim=TRANSIENT,
    ),
    Scene(
        name="a challenge page",
        at="start",
        script=Script(handshakes=(CHALLENGE,)),
        lines=GIVEN_UP,
        slug="openai-challenge",
        aim=TRANSIENT,
    ),
    Scene(
        name="a handshake that is never answered",
        at="start",
        script=refuse(None, None),
        lines=GIVEN_UP,
        slug="openai-silent",
        aim=TRANSIENT,
    ),
    Scene(
        name="a connection on which nothing is said",
        at="start",
        script=Script(openings=(Opening(first_frame=""),)),
        lines=GIVEN_UP,
        slug="openai-silent",
        aim=TRANSIENT,
    ),
    Scene(
        name="a first frame that is no JSON",
        at="start",
        script=Script(openings=(Opening(first_frame="<html>"),)),
        lines=NOT_SET_UP,
        slug="openai-not-openai",
    ),
    Scene(
        name="let in, then invalid_api_key",
        at="start",
        script=throw_out("invalid_api_key", 3000),
        lines=NOT_SET_UP,
        slug="openai-key-rejected",
    ),
    Scene(
        name="let in, then billing_not_active, for ever",
        at="start",
        script=throw_out("billing_not_active", 3000),
        lines=NO_CREDIT,
        slug="openai-billing-inactive",
    ),
    Scene(
        name="let in, then beta_api_shape_disabled, for ever",
        at="start",
        script=throw_out("beta_api_shape_disabled", 4000),
        lines=NOT_SET_UP,
        slug="openai-not-openai",
    ),
    Scene(
        name="let in, then closed with 3000, for ever",
        at="start",
        script=throw_out(None, 3000),
        lines=NOT_SET_UP,
        slug="openai-unauthorized",
    ),
    Scene(
        name="first response: no credit",
        at="start",
        script=failed("insufficient_quota", "insufficient_quota"),
        lines=NO_CREDIT,
        slug="openai-out-of-credit",
    ),
    Scene(
        name="first response: no such model",
        at="start",
        script=failed("model_not_found"),
        lines=NOT_SET_UP,
        slug="openai-model-unavailable",
    ),
    Scene(
        name="first response: empty",
        at="start",
        script=Script(responses=(ResponseFault(empty=True, on=(1,)),)),
        told=("call-no-first-word",),
        again=1,
    ),
    Scene(
        name="first response: never comes",
        at="start",
        script=Script(responses=(ResponseFault(on=(1,)),)),
        told=("call-no-first-word",),
        aim=FIRST_WORD,
        again=1,
    ),
    Scene(
        name="second response: no credit",
        at="answer",
        script=failed("insufficient_quota", "insufficient_quota"),
        lines=NO_CREDIT,
        slug="openai-out-of-credit",
    ),
    Scene(
        name="second response: credit balance exhausted",
        at="answer",
        script=failed("credit_balance_exhausted", "insufficient_quota"),
        lines=NO_CREDIT,
        slug="openai-out-of-credit",
    ),
    Scene(
        name="second response: project spend limit",
        at="answer",
        script=failed("project_spend_limit_exceeded"),
        lines=NO_CREDIT,
        slug="openai-spend-limit",
    ),
    Scene(
        name="second response: rate limit, for ever",
        at="answer",
        script=failed("rate_limit_exceeded"),
        lines=GIVEN_UP,
        slug="openai-rate-limited",
        aim=TRANSIENT,
    ),
    Scene(
        name="second response: an error that nobody knows, for ever",
        at="answer",
        script=failed("an_error_of_next_year"),
        lines=(Line.NO_ANSWER, Line.SOMETHING_WENT_WRONG),
        slug="call-no-answer",
        aim=NO_ANSWER,
        again=1,
    ),
    Scene(
        name="second response: server error, once",
        at="answer",
        script=Script(responses=(ResponseFault(failed=WireError("server_error"), on=(2,)),)),
    ),
    Scene(
        name="second response: empty",
        at="answer",
        script=Script(responses=(ResponseFault(empty=True, on=(2,)),)),
        lines=(Line.NO_ANSWER,),
        told=("call-no-answer",),
        again=1,
    ),
    Scene(
        name="second response: stalls in mid-word",
        at="answer",
        script=Script(responses=(ResponseFault(when="speaking", after_ms=400, on=(2,)),)),
        lines=(Line.NO_ANSWER,),
        told=("call-no-answer",),
        aim=NO_ANSWER,
        again=1,
    ),
    Scene(
        name="no response ever again",
        at="answer",
        script=Script(responses=(ResponseFault(),)),
        lines=(Line.NO_ANSWER, Line.SOMETHING_WENT_WRONG),
        slug="call-no-answer",
        aim=NO_ANSWER,
        again=1,
    ),
    Scene(
        name="key revoked in mid-call",
        at="answer",
        script=Script(
            responses=(ResponseFault(when="asked", cut=Cut(error=WireError("invalid_api_key"), close=3000)),)
        ),
        lines=NOT_SET_UP,
        slug="openai-key-rejected",
    ),
    Scene(
        name="torn in mid-answer, let in again",
        at="answer",
        script=torn_then(Script()),
    ),
    Scene(
        name="torn in mid-answer, then 401",
        at="answer",
        script=torn_then(refuse(401, "invalid_api_key")),
        lines=NOT_SET_UP,
        slug="openai-key-rejected",
    ),
    Scene(
        name="torn in mid-answer, then 429 for want of credit",
        at="answer",
        script=torn_then(refuse(429, "insufficient_quota", kind="insufficient_quota")),
        lines=NO_CREDIT,
        slug="openai-out-of-credit",
    ),
    Scene(
        name="torn in mid-answer, then let in and invalid_api_key",
        at="answer",
        script=torn_then(throw_out("invalid_api_key", 3000)),
        lines=NOT_SET_UP,
        slug="openai-key-rejected",
        aim=TRANSIENT,
    ),
    Scene(
        name="torn in mid-answer, then no answer at the door",
        at="answer",
        script=torn_then(refuse(None, None)),
        lines=GIVEN_UP,
        slug="openai-silent",
        aim=TRANSIENT,
    ),
    Scene(
        name="torn in mid-answer, then let in and torn for ever",
        at="answer",
        script=torn_then(Script(openings=(Opening(cut=Cut(abort=True)),))),
        lines=GIVEN_UP,
        slug="openai-unreachable",
        or_slug="openai-connection-lost",
        aim=TRANSIENT,
    ),
    Scene(
        name="session expired",
        at="answer",
        script=break_off(Cut(error=SESSION_EXPIRED, close=1001), then=Script()),
    ),
)
