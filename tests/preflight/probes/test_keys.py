"""What the public beginning of a key tells, to the letter, and which of two keys stands in the other's place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from granny.config.env_file import Assignment, Content, EnvFile
from granny.faults import Finding, Severity
from granny.preflight.probes._keys import judge_livekit_key, judge_openai_key, judge_pair, misplaced
from granny.preflight.probes._reading import CONNECTING, Reading, Value

KEY, ID, SECRET = "OPENAI_API_KEY", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET"
FATAL, WARNING = Severity.FATAL, Severity.WARNING
TAIL = "q7Zk2" * 5
RANDOM = "aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV"
"""Thirty-two characters, as a generator of secrets makes them."""
MAY = " The server in OPENAI_BASE_URL may take it."


def reading(**environ: str) -> Reading:
    return Reading(files=(), environ=environ, needed=CONNECTING, known=CONNECTING, local=Path(".env.local"))


def openai(text: str, **environ: str) -> Finding | None:
    return judge_openai_key(Value(KEY, text, ".env.local:1"), reading(**environ))


def livekit(name: str, text: str, **environ: str) -> Finding | None:
    return judge_livekit_key(Value(name, text, ".env.local:1"), reading(**environ))


def told(finding: Finding | None) -> tuple[str, str, Severity]:
    assert finding is not None
    assert finding.where == ".env.local:1"
    return finding.fault.slug, finding.evidence, finding.severity


@pytest.mark.parametrize(
    ("prefix", "kind"),
    [
        ("sk-admin-", "an admin key, which may not use any model"),
        ("ek_", "a short-lived key for one session in a browser"),
        ("sess-", "a short-lived key of a browser session"),
        ("org-", "the name of an organization, not a key"),
        ("proj_", "the name of a project, not a key"),
    ],
)
def test_another_kind_of_openais_keys_is_named(prefix: str, kind: str) -> None:
    assert told(openai(prefix + TAIL)) == ("openai-key-wrong-kind", f"It begins as {kind}.", FATAL)


@pytest.mark.parametrize(
    ("prefix", "owner"),
    [
        ("sk-ant-", "Anthropic"),
        ("sk-or-", "OpenRouter"),
        ("sk-lf-", "Langfuse"),
        ("AIza", "Google"),
        ("gsk_", "Groq"),
        ("xai-", "xAI"),
        ("hf_", "Hugging Face"),
        ("pplx-", "Perplexity"),
        ("r8_", "Replicate"),
        ("csk-", "Cerebras"),
        ("nvapi-", "NVIDIA"),
        ("tvly-", "Tavily"),
        ("lsv2_", "LangSmith"),
        ("AKIA", "Amazon Web Services"),
        ("ASIA", "Amazon Web Services"),
        ("ghp_", "GitHub"),
        ("gho_", "GitHub"),
        ("github_pat_", "GitHub"),
        ("glpat-", "GitLab"),
        ("xoxb-", "Slack"),
        ("xoxp-", "Slack"),
        ("sk_live_", "Stripe"),
        ("sk_test_", "Stripe"),
        ("rk_live_", "Stripe"),
        ("API", "LiveKit"),
    ],
)
def test_a_key_of_somebody_elses_is_given_back_to_its_owner(prefix: str, owner: str) -> None:
    """And only warned of where another server may take it."""
    evidence = f"It begins as a key of {owner} does."
    assert told(openai(prefix + TAIL)) == ("openai-key-other-provider", evidence, FATAL)
    milder = openai(prefix + TAIL, OPENAI_BASE_URL="https://gate.test/v1")
    assert told(milder) == ("openai-key-other-provider", evidence + MAY, WARNING)
    assert milder is not None
    assert milder.variable == KEY


@pytest.mark.parametrize(
    ("text", "slug", "evidence", "severity"),
    [
        ("sk-" + "a1" * 8, "value-placeholder", "no key of OpenAI's was ever so short (19 characters).", FATAL),
        ("x1" * 10, "openai-key-format", "It does not begin with sk- (20 characters).", WARNING),
        ("sk-" + "a1" * 9 + "%", "openai-key-format", "Character 22 of 22 is none of those.", WARNING),
        ("sk-%" + "a1" * 9, "openai-key-format", "Character 4 of 22 is none of those.", WARNING),
    ],
)
def test_what_is_no_key_of_openais_is_said(text: str, slug: str, evidence: str, severity: Severity) -> None:
    found = told(openai(text))
    assert (found[0], found[2]) == (slug, severity)
    assert found[1].endswith(evidence)
    assert openai(text, OPENAI_BASE_URL="https://gate.test/v1") is None


@pytest.mark.parametrize("text", ["sk-" + "a1" * 8 + "b", "sk-proj-" + TAIL + "-_", "sk-svcacct-" + TAIL])
def test_a_key_of_openais_is_not_mentioned(text: str) -> None:
    assert openai(text) is None


@pytest.mark.parametrize(
    ("text", "slug", "severity", "ending"),
    [
        ("dummy", "value-placeholder", WARNING, MAY),
        ("your-openai-key", "value-placeholder", FATAL, " (15 characters)."),
        ("", "value-empty", FATAL, "equals sign."),
        ("ek_" + TAIL, "openai-key-wrong-kind", WARNING, MAY),
    ],
)
def test_another_server_may_take_what_openai_would_not(text: str, slug: str, severity: Severity, ending: str) -> None:
    """Another's key, or a word for none; an example or nothing at all is nobody's key."""
    found = told(openai(text, OPENAI_BASE_URL="https://gate.test/v1"))
    assert (found[0], found[2]) == (slug, severity)
    assert found[1].endswith(ending)


@pytest.mark.parametrize(
    ("name", "text", "openais", "evidence", "severity"),
    [
        (SECRET, "sk-" + TAIL, "sk-" + TAIL, "It is the same as OPENAI_API_KEY.", FATAL),
        (ID, "sk-proj-" + TAIL, "", "It begins as a key of OpenAI does.", FATAL),
        (SECRET, "sk-proj-" + TAIL, "", "It begins as a key of OpenAI does.", WARNING),
        (SECRET, "sk-svcacct-" + TAIL, "sk-x", "It begins as a key of OpenAI does.", WARNING),
        (SECRET, "sk-admin-" + TAIL, "", "It begins as a key of OpenAI does.", WARNING),
        (ID, "eyJhbGciOiJIU.abc.d-f", "", "It looks like a token (a caller's pass).", WARNING),
    ],
)
def test_what_stands_in_livekits_place_is_said(
    name: str, text: str, openais: str, evidence: str, severity: Severity
) -> None:
    """Fatal where it is certain, or where LiveKit would write it into its log."""
    assert told(livekit(name, text, OPENAI_API_KEY=openais)) == ("value-pasted-wrong", evidence, severity)


@pytest.mark.parametrize(
    ("text", "openais"), [("devkey", "devkey"), ("sk-" + TAIL, "sk-other"), ("eyJhbGc.abc.def", ""), (RANDOM, RANDOM)]
)
def test_livekits_own_keys_can_be_any_text(text: str, openais: str) -> None:
    assert livekit(SECRET, text, OPENAI_API_KEY=openais) is None
    assert livekit(SECRET, text) is None


@pytest.mark.parametrize(("name", "judge"), [(SECRET, judge_livekit_key), (KEY, judge_openai_key)])
def test_a_secret_in_two_lines_is_told_with_the_second(name: str, judge: Callable[..., Finding | None]) -> None:
    """Of the very line that counts, in the very file."""
    text = "sk-" + "a1" * 10
    item = Assignment(name, 4, text)

    def with_breaks(*broken: tuple[str, int]) -> Reading:
        file = EnvFile(Path(".env.local"), 0o600, Content((item,), broken=broken))
        return Reading(files=(file,), environ={}, needed=CONNECTING, known=CONNECTING, local=file.path)

    both = with_breaks((name, 3), (name, 5))
    finding = judge(Value(name, text, ".env.local:4", item), both)
    assert finding is not None
    assert (finding.fault.slug, finding.evidence) == (
        "value-wrapped",
        "It seems to go on in the next line (.env.local:5).",
    )
    for other in (Value(name, text, ".env.local:3", item), Value(name, text, ".env.local:4")):
        assert judge(other, both) is None
    assert judge(Value(name, text, ".env.local:4", item), with_breaks((ID, 5), (name, 3))) is None


BEGINS = ("livekit-key-secret-swapped", "The secret begins with API, as keys do.", SECRET)
RANDOMLY = (
    "livekit-key-secret-swapped",
    "The key is long and random, as secrets are, and the secret is short.",
    SECRET,
)
SAME = ("value-pasted-wrong", "It is the same as LIVEKIT_API_SECRET, and a key can be read by many.", ID)


@pytest.mark.parametrize(
    ("key", "secret", "told"),
    [
        ("anything", "APIabc", BEGINS),
        ("APIabc", "API" + "a" * 27, BEGINS),
        ("APIabc", "API" + "a" * 28, None),
        ("anything", "API" + "a" * 28, BEGINS),
        ("APIabc", "x", None),
        (RANDOM, "devkey", RANDOMLY),
        (RANDOM[:-1], "devkey", None),
        (RANDOM, "a" * 31, RANDOMLY),
        (RANDOM, "a" * 32, None),
        (RANDOM, "a1a2b", None),
        (RANDOM, "a1a2", RANDOMLY),
        (RANDOM, "a-1-a-2-a-3-a", RANDOMLY),
        (RANDOM + "=", "devkey", RANDOMLY),
        (RANDOM + "!", "devkey", None),
        (RANDOM, RANDOM, SAME),
        ("grandma", "grandma", None),
        ("a" * 30 + "1a", "devkey", None),
        ("a" * 28 + "1a2a", "devkey", RANDOMLY),
        ("0F8FAD5B-D9CB-469F-A165-70867728950E", "devkey", None),
    ],
)
def test_which_of_the_two_stands_in_the_others_place(key: str, secret: str, told: tuple[str, str, str] | None) -> None:
    """By the beginning of LiveKit's keys, or by how random each is; a UUID is a natural name for a key."""
    finding = misplaced(key, secret)
    assert (finding and (finding.fault.slug, finding.evidence, finding.variable)) == told


def test_a_pair_is_told_at_the_place_of_the_one_to_change(tmp_path: Path) -> None:
    file = EnvFile(tmp_path / ".env.local", 0o600, Content((Assignment(ID, 3, RANDOM),)))

    def of(secret: str) -> Reading:
        environ = {SECRET: secret}
        return Reading(files=(file,), environ=environ, needed=CONNECTING, known=CONNECTING, local=file.path)

    swapped, same = judge_pair(of("devkey")), judge_pair(of(RANDOM))
    assert (swapped and swapped.where, same and same.where) == ("environment", ".env.local:3")
    assert judge_pair(of(RANDOM[::-1])) is None
    assert judge_pair(reading(LIVEKIT_API_SECRET="APIabc")) is None
    assert judge_pair(reading(LIVEKIT_API_KEY=RANDOM)) is None
