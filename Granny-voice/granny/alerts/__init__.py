"""Who set her up is told what is wrong, wherever they are: by mail or telephone, and once.

    _events     what of the worker's events there is to tell
    _looks      what a look at the diary and at certificates has to tell, once a day
    _rules      whether it is told, and when again: pure
    words       it, in the family's language
    _ledger     writes down what is to be told, for all workers at one store
    _desk       has that done, and has it sent
    _round      which letters go now, and what becomes of them; `net.letters` sends them
    _heartbeat  the sign of life whose silence is noticed elsewhere
    _office     where a worker's desk stands
    trial       whether alerts arrive
    _at_once    the same as an office for a process that is about to end

`import granny.alerts` costs nothing, and with nothing set nothing else is imported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from granny.config.settings import Settings
    from granny.worker.hooks import Hooks, Refusal


def subscribe(hooks: Hooks, settings: Settings) -> None:
    """Hear of calls, and tell what there is to tell; to be called in the worker's event loop."""
    if settings.alerts or settings.heartbeat_url:
        from granny.alerts._office import Office  # noqa: PLC0415  only where it is wanted

        Office(hooks, settings).open()


async def refused(refusal: Refusal) -> None:
    """Tell that she does not start."""
    from granny.alerts._at_once import tell_refusal  # noqa: PLC0415  only where it is needed

    await tell_refusal(refusal)


async def not_reached(person: str, settings: Settings, *, why: str = "") -> None:
    """Tell that she rang this person, as often as she was to, and did not reach them.

    Args:
        person: their slug.
        settings: the installation's.
        why: the slug of the fault for which nobody could be rung; empty: it was the telephone's end.
    """
    if settings.alerts:
        from granny.alerts._at_once import tell_not_reached  # noqa: PLC0415  only where it is needed

        await tell_not_reached(person, settings, why)
