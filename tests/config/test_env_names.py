"""Names that are nearly right: what people write from other tools and from memory, and what is another's name."""

from __future__ import annotations

import pytest

from granny.config.env_file import nearest, showable
from granny.config.env_file._names import _pieces
from granny.config.settings import VARIABLES

KNOWN = (
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "LIVEKIT_URL",
    "LIVEKIT_API_KEY",
    "LIVEKIT_API_SECRET",
    "GRANNY_TRANSCRIPTION_MODEL",
    "HTTP_PROXY",
)
WRITTEN = {
    "OPENAI_API_KEY": """OPENAI_KEY OPENAI_TOKEN OPENAI_API_TOKEN OPENAI_SECRET OPENAI_SECRET_KEY OPENAI_API
        OPENAI_API_SECRET OPENAI_APIKEY_SECRET API_KEY_OPENAI CHATGPT_API_KEY GPT_API_KEY""",
    "OPENAI_BASE_URL": "OPENAI_API_BASE OPENAI_API_BASE_URL OPENAI_URL OPENAI_ENDPOINT OPENAI_HOST",
    "LIVEKIT_URL": """LIVEKIT_HOST LIVEKIT_SERVER LIVEKIT_SERVER_URL LIVEKIT_WS_URL LIVEKIT_WSS_URL LIVEKIT_API_URL
        LIVEKIT_ENDPOINT LIVEKIT_URI LIVEKIT_WEBSOCKET_URL LIVEKIT_PROJECT_URL LIVEKIT_CLOUD_URL LIVKIT_RL LIEK_TURL""",
    "LIVEKIT_API_KEY": "LIVEKIT_KEY LIVEKIT_TOKEN LIVEKIT_API LIVEKIT_API_ID LK_API_KEY",
    "LIVEKIT_API_SECRET": """LIVEKIT_SECRET LIVEKIT_SECRET_KEY LIVEKIT_API_SECRET_KEY LIVEKIT_KEY_SECRET
        LIVEKIT_SECRET_API LK_API_SECRET""",
}
PREFIXES = ("NEXT_PUBLIC_", "REACT_APP_", "PUBLIC_", "VITE_", "GRANNY_", "MY_", "ENV_")


@pytest.mark.parametrize(
    ("written", "right"), [(one, right) for right, text in WRITTEN.items() for one in text.split()]
)
def test_what_people_write_is_understood(written: str, right: str) -> None:
    """In any size of letters, with any signs between; only of a name that is asked for."""
    assert nearest(written, KNOWN) == nearest(written.lower().replace("_", "-"), KNOWN) == right
    assert nearest(written, VARIABLES) == nearest(written, (right,)) == right
    assert nearest(written, ("GRANNY_NAME",)) is None


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_frameworks_prefix_changes_no_name(prefix: str) -> None:
    """Of Granny's own variables no prefix is taken away."""
    assert nearest(f"{prefix}OPENAI_TOKEN", KNOWN) == "OPENAI_API_KEY"
    assert nearest(f"{prefix}LIVEKIT_URI", KNOWN) == "LIVEKIT_URL"
    assert nearest(f"{prefix}CHATGPT_API_KEY", KNOWN) is None
    assert nearest("GRANNY_NAME", ("NAME_OF_HERS",)) is None


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("HTTPPROX", "HTTP_PROXY"),
        ("HTTPPRO", None),
        ("GRANNY_TRANSCRIPTION_MODEL_OFMINE", "GRANNY_TRANSCRIPTION_MODEL"),
        ("GRANNY_TRANSCRIPTION_MODEL_OFMINES", None),
        ("\u041eP\u0415N\u0410I_\u0410PI_K\u0415Y", "OPENAI_API_KEY"),
        ("\uff2c\uff29VEKIT_URL", "LIVEKIT_URL"),
        ("LIVEKIT_URL", "LIVEKIT_URL"),
        ("AZURE_OPENAI_API_KEY", None),
        ("UNRELATED_THING", None),
    ],
)
def test_a_slip_of_a_few_letters_is_understood(name: str, right: str | None) -> None:
    """Look-alikes of other alphabets among them; names of less than 8 or more than 30 letters are no slips."""
    assert nearest(name, KNOWN) == right


def test_names_are_compared_if_they_have_three_letters_in_a_row_in_common() -> None:
    """Fewer would have every name compared with every other, letter by letter."""
    assert _pieces("OPENAI") == {"OPE", "PEN", "ENA", "NAI"}
    assert _pieces("OP") == set()


@pytest.mark.parametrize(
    ("name", "is_shown"),
    [
        ("OPENAI_KEY", True),
        ("openai.api-key", True),
        ("OPENAI_API_KEY" + "_" * 26, True),
        ("OPENAI_API_KEY" + "_" * 27, False),
        ("OPENAI_API_KEY1", False),
        ("LIVEKIT_URL", False),
        ("OPENAI API KEY", False),
    ],
)
def test_a_name_is_shown_if_nothing_can_hide_in_it(name: str, is_shown: bool) -> None:  # noqa: FBT001  a column of the table
    assert showable(name, "OPENAI_API_KEY") is is_shown
