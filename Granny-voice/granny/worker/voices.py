"""In how many voices she has to be recorded: her own, and that of each person who has her otherwise."""

from __future__ import annotations

from granny.config.settings import Settings
from granny.lines import OwnVoice
from granny.people import People, settings_for


def voices(settings: Settings, people: People) -> tuple[Settings, ...]:
    """The installation's settings, and those of a person for each voice that would otherwise lack its recordings.

    A person with another speed, language or name for her hears other recordings; two who have her alike hear the same.
    """
    everybody = (settings, *(settings_for(person, settings) for person in people.known.values()))
    return tuple({(OwnVoice.of(one), one.lines_folder): one for one in everybody}.values())
