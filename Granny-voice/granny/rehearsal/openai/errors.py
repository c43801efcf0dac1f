"""What the stand-in says when it refuses: OpenAI's error object, and the exception that carries it."""

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class WireError:
    """The error object that OpenAI puts into HTTP bodies, `error` events and failed responses.

    Attributes:
        code: What a client should match on, for example `invalid_api_key`; OpenAI leaves it null at times.
        message: Words for people. They may change, and a 401's holds part of the key.
        type: The error's family, for example `insufficient_quota` or `server_error`.
        param: The parameter at fault, with dots between levels.
    """

    code: str | None
    message: str = "The rehearsal was told to fail here."
    type: str = "invalid_request_error"
    param: str | None = None

    def body(self) -> str:
        """The JSON body of an HTTP answer, in the key order of OpenAI's own."""
        fields = asdict(self)
        return json.dumps({"error": {name: fields[name] for name in ("message", "type", "param", "code")}})


class Refused(Exception):  # noqa: N818  it is an answer to a client, not a failure of this program
    """A client asked for what the API refuses; the connection stays open."""

    def __init__(self, error: WireError) -> None:
        super().__init__(error.code)
        self.error = error


SHOWN_AT_START, SHOWN_AT_END = 8, 4  # characters of a refused key
NO_KEY = WireError(
    None,
    "You didn't provide an API key. You need to provide your API key in an Authorization header using "
    "Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
)
NO_MODEL = WireError("missing_required_parameter", "You must provide a model parameter.", param="model")
SESSION_EXPIRED = WireError("session_expired", "Your session hit the maximum duration of 60 minutes.")


def wrong_key(key: str) -> WireError:
    """The error for a key that is not known; like OpenAI's, its message shows both ends of the key."""
    hidden = "*" * max(len(key) - SHOWN_AT_START - SHOWN_AT_END, SHOWN_AT_END)
    shown = f"{key[:SHOWN_AT_START]}{hidden}{key[-SHOWN_AT_END:]}"
    message = (
        f"Incorrect API key provided: {shown}. "
        "You can find your API key at https://platform.openai.com/account/api-keys."
    )
    return WireError("invalid_api_key", message)


def unknown_model(model: str) -> WireError:
    """The error for a model that does not exist or is not open to the key."""
    return WireError("model_not_found", f"The model `{model}` does not exist or you do not have access to it.")
