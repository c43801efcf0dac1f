"""What is said of a value's mere shape, to the letter, and what is a shape like any other."""

from __future__ import annotations

import pytest

from granny.config.env_file import Assignment
from granny.faults import Severity
from granny.preflight.probes._reading import ENVIRONMENT, Value
from granny.preflight.probes._shapes import is_placeholder, judge_shape, stands_for_none

KEY, URL, ID, SECRET = "OPENAI_API_KEY", "LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET"
FATAL, WARNING = Severity.FATAL, Severity.WARNING
LONG = "a1" * 12


def of_file(name: str, text: str, *, dangling: bool = False, filled_in: bool = False, cut: str = "") -> Value:
    item = Assignment(name, 1, text, dangling=dangling, filled_in=filled_in, cut=cut)
    return Value(name, text, ".env.local:1", item)


@pytest.mark.parametrize(
    ("name", "text", "slug", "evidence"),
    [
        (KEY, "", "value-empty", "There is nothing after the equals sign."),
        (KEY, "  ", "value-empty", "There is nothing after the equals sign."),
        (SECRET, "\"''\"", "value-empty", "There is nothing after the equals sign."),
        (KEY, "#mine", "value-empty", "There is only a remark (#) after the equals sign."),
        (SECRET, "# mine", "value-empty", "There is only a remark (#) after the equals sign."),
        (KEY, "changeme", "value-placeholder", "It is an example, a masked copy or an open reference (8 characters)."),
        (SECRET, f"MY_API_KEY={LONG}", "value-pasted-wrong", "It begins with the name of a variable."),
        (SECRET, f"export MY_TOKEN = {LONG}", "value-pasted-wrong", "It begins with the name of a variable."),
        (SECRET, f"{LONG} GRANNY_VOICE=cedar", "value-pasted-wrong", "Another assignment stands in it."),
        (SECRET, f"{LONG}LIVEKIT_URL=x", "value-pasted-wrong", "Another assignment stands in it."),
        (URL, "LIVEKIT_URL : wss://a.test", "value-pasted-wrong", "It begins with the name of a variable."),
        (KEY, f"My Key: sk-{LONG}", "value-pasted-wrong", "A word stands before the key."),
        (KEY, f"secret=sk-{LONG}", "value-pasted-wrong", "A word stands before the key."),
        (KEY, f"**sk-{LONG}**", "value-pasted-wrong", "It is marked as bold or slanted text."),
        (URL, "_wss://a.test_", "value-pasted-wrong", "It is marked as bold or slanted text."),
        (KEY, f"Bearer sk-{LONG}", "value-pasted-wrong", "It begins with a piece of an HTTP header."),
        (KEY, f'"Bearer sk-{LONG}"', "value-pasted-wrong", "It begins with a piece of an HTTP header."),
        (KEY, f"authorization: {LONG}", "value-pasted-wrong", "It begins with a piece of an HTTP header."),
        (URL, "curl https://a.test", "value-pasted-wrong", "It is a command."),
        (KEY, f"= sk-{LONG}", "value-pasted-wrong", "It begins with a second equals sign."),
        (KEY, f"> sk-{LONG}", "value-pasted-wrong", "It begins with a piece of an arrow (=>)."),
        (KEY, f"(sk-{LONG}{LONG})", "value-pasted-wrong", "It stands in brackets."),
        (KEY, f"sk-{LONG};", "value-pasted-wrong", "It ends in a comma or semicolon."),
        (ID, "WSS://a.test", "value-pasted-wrong", "It is an address, not a key."),
        (KEY, f"sk-{LONG}sk-proj-{LONG}", "value-pasted-wrong", "It holds two keys in a row."),
        (KEY, "sk-12abcsk-12abc", "value-pasted-wrong", "It holds two keys in a row."),
        (SECRET, f'"{LONG}', "value-quoted", "It begins or ends with a quote (U+0022), as part of the value."),
        (SECRET, f"{LONG}\u201d", "value-quoted", "It begins or ends with a quote (U+201D), as part of the value."),
        (SECRET, f"'{LONG}\"", "value-quoted", "It begins or ends with a quote (U+0027), as part of the value."),
        (SECRET, "ab1\ncd2", "value-wrapped", "There is a line break inside it (7 characters)."),
        (KEY, "ab1\r\ncd2", "value-wrapped", "There is a line break inside it (8 characters)."),
        (ID, "ab1\rcd2\r", "value-wrapped", "There is a line break inside it (8 characters)."),
        (URL, "ws://a\n.test", "value-whitespace", "Character 7 of 12 is a blank or control character (U+000A)."),
        (SECRET, "a b\nc", "value-whitespace", "Character 2 of 5 is a space."),
        (SECRET, "a\nb c", "value-whitespace", "Character 2 of 5 is a blank or control character (U+000A)."),
        (SECRET, "ab1\n", "value-whitespace", "Character 4 of 4 is a blank or control character (U+000A)."),
        (SECRET, "a\tb c", "value-whitespace", "Character 2 of 5 is a blank or control character (U+0009)."),
        (URL, "ws://a\x07", "value-whitespace", "Character 7 of 7 is a blank or control character (U+0007)."),
        (URL, "ws://a\u2028b", "value-whitespace", "Character 7 of 8 is a blank or control character (U+2028)."),
        (URL, "ws://a\x9bb", "value-whitespace", "Character 7 of 8 is a blank or control character (U+009B)."),
        (SECRET, "two words", "value-whitespace", "Character 4 of 9 is a space."),
        (KEY, "three mere words", "value-whitespace", "Character 6 of 16 is a space."),
        (URL, "ws://a\u200b.t", "value-invisible-character", "Character 7 of 9 is U+200B (zero width space)."),
        (URL, "ws://a\u2013b", "value-invisible-character", "Character 7 of 8 is U+2013 (en dash)."),
        (URL, "ws://a\ue000", "value-invisible-character", "Character 7 of 7 is U+E000 (a character without a name)."),
        (URL, "ws://a\u0378", "value-invisible-character", "Character 7 of 7 is U+0378 (a character without a name)."),
        (
            KEY,
            "sk-\u0430b",
            "value-invisible-character",
            "Character 4 of 5 is U+0430 (cyrillic small letter a).",
        ),
        (SECRET, "a\u200bb", "value-invisible-character", "Character 2 of 3 is U+200B (zero width space)."),
        (
            SECRET,
            "\u00fcb\u200b",
            "value-invisible-character",
            "Character 1 of 3 is U+00FC (latin small letter u with diaeresis).",
        ),
    ],
)
def test_a_shape_is_evidence(name: str, text: str, slug: str, evidence: str) -> None:
    """And keeps her from starting; it tells where the variable stands, and nothing of its value."""
    finding = judge_shape(of_file(name, text))
    assert finding is not None
    assert (finding.fault.slug, finding.evidence, finding.severity) == (slug, evidence, FATAL)
    assert (finding.variable, finding.where) == (name, ".env.local:1")


def test_of_the_environment_it_is_said_what_an_empty_value_does() -> None:
    finding = judge_shape(Value(KEY, "", ENVIRONMENT))
    assert finding is not None
    assert finding.evidence == "An empty variable of the environment, which outranks whatever the file says."


@pytest.mark.parametrize(
    ("value", "evidence", "severity"),
    [
        (of_file(URL, "x", dangling=True), "It has ${…} in it, and what that refers to is not set.", FATAL),
        (of_file(SECRET, "x", filled_in=True), "It has ${…:-…} in it, and a part of that took its place.", FATAL),
        *(
            (of_file(KEY, LONG, cut=cut), "What follows a space and a # was taken for a remark.", severity)
            for cut, severity in (
                ("mine", WARNING),
                ("abcdefghij1", WARNING),
                ("abcdefghijk1", FATAL),
                ("abcdefghijk1  ", FATAL),
                ("abcdefghijkl", WARNING),
                ("123456789012", WARNING),
                ("abcdef ghijk1", WARNING),
            )
        ),
    ],
)
def test_what_the_file_made_of_a_value_is_evidence(value: Value, evidence: str, severity: Severity) -> None:
    """What was cut off at a # seems a piece of the key if it has twelve characters, digits and letters among them."""
    finding = judge_shape(value)
    assert finding is not None
    assert (finding.fault.slug, finding.evidence, finding.severity) == ("value-expanded", evidence, severity)


@pytest.mark.parametrize(
    ("text", "slug"), [("correct horse battery", "value-whitespace"), ("1\u00df1", "value-invisible-character")]
)
def test_words_can_be_a_secret_and_are_only_warned_of(text: str, slug: str) -> None:
    """On a server of one's own; OpenAI's key is never made of them."""
    for name, severity in ((SECRET, WARNING), (ID, WARNING), (KEY, FATAL)):
        finding = judge_shape(of_file(name, text))
        assert finding is not None
        assert (finding.fault.slug, finding.severity) == (slug, severity)


@pytest.mark.parametrize(
    "value",
    [
        Value(KEY, f"sk-proj-{LONG}", ENVIRONMENT),
        of_file(SECRET, "X"),
        of_file(SECRET, f"X{LONG}X"),
        of_file(SECRET, "#mine1"),
        of_file(SECRET, "abc1abc1"),
        of_file(SECRET, f"sk-{LONG}sk-proj-{LONG}"),
        of_file(SECRET, "sk-12abcsk-12abc"),
        of_file(KEY, "abcabc"),
        of_file(KEY, LONG, cut=" mine"),
        of_file(KEY, LONG, cut="#"),
        of_file(URL, "ws://a.test", cut="abcdefghijk1"),
        of_file(URL, "ws://a.test", filled_in=True),
        of_file(URL, "wss://gro\u00dfmutter.example"),
        of_file(SECRET, "$my_1secret"),
    ],
    ids=lambda value: f"{value.name} {len(value.text)}",
)
def test_a_shape_like_any_other_is_not_mentioned(value: Value) -> None:
    assert judge_shape(value) is None


@pytest.mark.parametrize(
    "text",
    [
        "Your thing",
        "sk-proj-yourown",
        "WSS://your-project.livekit.cloud",
        "Put with care",
        "ChangeMe",
        "sk-replace this one",
        "a token goes here",
        "the-url-here",
        "TBD",
        "sk-proj-n/a",
        "sk-my-voice-2",
        "API0000",
        "sk-svcacct-***",
        "sk-abc\u2026z9",
        "sk-axxxxxxxxb",
        "wss://<project>.livekit.cloud",
        "[granny 2]",
        "op://x/y",
        "ref+vault://x/y",
        "arn:aws:x",
        "secretref:x",
        "@Microsoft.KeyVault(x",
        "os.getenv('A')",
        "import.meta.env.A",
        "api-placeholder for it",
        "${A_B:-c}",
        "${{ a }}",
        "%A%",
        "$(cat key)",
        "sk-",
        "sk-admin",
        "$MY_KEY",
        "LIVEKIT_API_SECRET",
        "openai_base_url",
        "\u201cchangeme\u201d",
    ],
)
def test_what_stands_for_a_value_is_none(text: str) -> None:
    """An example's own words, masked copies, references that nothing has resolved; whatever their size of letters."""
    assert is_placeholder(of_file(SECRET, text))


@pytest.mark.parametrize(
    "text", ["yours1", "Xchangeme", "changemeX", "keyhere", "$my_key", "a<b", "ab", "API00", "sk-a", "wss://a.test"]
)
def test_what_merely_resembles_an_example_is_a_value(text: str) -> None:
    assert not is_placeholder(of_file(SECRET, text))


@pytest.mark.parametrize("text", ["sk-dummy", "NONE", "null", "nil", "N/A", "placeholder", "change_me", "sk-X"])
def test_a_word_for_no_key_is_known(text: str) -> None:
    assert stands_for_none(of_file(KEY, text))
    assert not stands_for_none(of_file(KEY, f"{text}-1"))
