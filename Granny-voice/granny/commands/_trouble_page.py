"""The table of docs/page.md: for every sentence of trouble on her page, what whoever set her up does about it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from granny.lines import NAME, Line

_BEFORE_JSON = "export default "
_SAID = {line.value for line in Line}

ADVICE: Mapping[str, str] = {
    "link-missing": "Open the page by the whole link, the part behind the `#` too, and put that on the home screen.",
    "link-unknown": "It was taken back, or made for another page (it is kept where `link` said). Make a new one: "
    "`python -m granny link anna`.",
    "links-unreadable": "The page may not read its data folder: `python -m granny check` says why.",
    "too-many-calls": "More calls than the page allows, at once or within a minute; it passes by itself. If it comes "
    "again, somebody else has the link: take it back.",
    "page-unreachable": "Is the tablet in the network, with Tailscale's switch on? Is the page's machine awake?",
    "insecure": "The address begins with `http://`: see [The address](#the-address).",
    "in-app-browser": "The link was opened inside another program (a mail, a messenger). Open it in Safari or "
    "Chrome. With Fully Kiosk: allow the microphone in its settings.",
    "browser-too-old": "Update the tablet. iOS 16.4 or an Android with a Chrome of this year will do.",
    "microphone-denied": "Allow it: on an iPad in Settings, Apps, Safari, Microphone; in Chrome by the sign beside the "
    "address; with Fully Kiosk in its settings.",
    "microphone-dismissed": "Press the button again, and Allow. Fully Kiosk and Chrome then keep it.",
    "microphone-none": "The tablet has none, or a headset's was pulled out.",
    "microphone-busy": "Another program has it: close that, or start the tablet anew.",
    "microphone-lost": "A telephone call or a headset took it. The button on the page takes it back.",
    "sound-blocked": "One touch of the button. With Fully Kiosk: allow autoplay.",
    "nobody-yet": "If she does not come at all, the next row.",
    "nobody-came": "Does Granny run beside her page? Her log says whether she has found the LiveKit server.",
    "line-lost": "The tablet lost its network, or the server went away. Is Wi-Fi good where it stands?",
    "call-unheard": "The sound's way is blocked: see [The sound's way](#the-sounds-way).",
    "call-deaf": "Another program has the microphone; else see [The sound's way](#the-sounds-way).",
    "job-died": "Nothing, if it was once. Else look into her log: a bug, or too little memory.",
    "are-you-still-there": "Is the microphone muted, or covered by the tablet's case?",
    "no-answer": "Nothing. If it comes often, the network to OpenAI is poor.",
    "goodbye": "Nothing: after two minutes of silence she hangs up (`GRANNY_IDLE_SECONDS`).",
    "time-is-up": "`longest_call` in the person's file, or `GRANNY_MAX_CALL_MINUTES`, makes calls longer.",
    "worker-stopping": "She is being started anew, by an update for instance. A minute later she is there again.",
    "not-set-up": "`python -m granny check` names what is wrong: most often OpenAI's key.",
    "no-credit": "Add credit at OpenAI: https://platform.openai.com/settings/organization/billing",
    "cannot-reach-voice": "OpenAI or the way to it is down: https://status.openai.com/ and `python -m granny check`.",
    "something-went-wrong": "Call again. If it comes again, look into her log for `call ended`, which names the fault.",
}
"""By the slug of the trouble: for whoever set it up. What the caller can do is in the page's own words."""
_ELSE = "`python -m granny check`, then her log."


def trouble_table(site: Path) -> str:
    """A row for each, in the order of the page's English words, in which nothing has a name but Granny."""
    head = ["| the page shows | aloud? | what to do |", "| --- | --- | --- |"]
    return "\n".join([*head, *_rows(words(site)["trouble"])])


def words(site: Path) -> dict[str, Any]:
    """The page's English words; what follows `export default` is JSON."""
    _, _, text = (site / "words" / "en.js").read_text(encoding="utf-8").partition(_BEFORE_JSON)
    found: dict[str, Any] = json.loads(text.strip().removesuffix(";"))
    return found


def _rows(troubles: Mapping[str, Any]) -> Iterator[str]:
    for slug, trouble in troubles.items():
        shown = " ".join(trouble["says"]).replace("{granny}", NAME)
        yield f"| {shown} | {'yes' if slug in _SAID else ''} | {ADVICE.get(slug, _ELSE)} |"
