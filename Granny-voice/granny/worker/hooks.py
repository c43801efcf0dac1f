"""Where features hear of calls; the worker knows none of them.

Metrics, the log line of a call and the breaker subscribe here, and so does whatever comes to the house: an alert, a
diary, a page. A feature is a room of its own with a function that subscribes, and nothing else changes for it:

    def subscribe(hooks: Hooks, settings: Settings) -> None:
        hooks.on_call_ended(write_down)

    server = GrannyServer(diary.subscribe)  # in agent.py

The function is called once, in the worker's main process, before the first call: what needs the settings takes them
there. A subscriber is called in the worker's event loop, beside all calls, so it must not wait: one that has to (for a
file, a server) is an `async def`, and runs as a task. One that raises is logged and keeps nobody else from hearing.

A feature that is in trouble itself says so with `warn`, and stands then on the health page and in the figures. What it
has to do before the worker ends it does `on_stop`. A worker that does not start has no hooks: who wants to hear of that
is handed to `GrannyServer` beside the features, and is told a `Refusal`.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from granny.call.ending import CallEnded
from granny.call.reports import Alarm, Danger
from granny.config.settings import Settings
from granny.faults import ExitCode, Fault, Finding

logger = logging.getLogger("granny.hooks")

_LAST_SECONDS = 10.0
"""How long the worker, at its end, waits for what subscribers still do."""

Event = TypeVar("Event")
Subscriber = Callable[[Event], Awaitable[None] | None]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A worker that does not start.

    Attributes:
        code: with which it ends.
        findings: the check-up's, the gravest first.
        files: the env files that it read: its settings, as far as they can be read, are in them.
    """

    code: ExitCode
    findings: tuple[Finding, ...]
    files: tuple[Path, ...]


class Hooks:
    """Who wants to hear of what; each is told in the order in which they subscribed."""

    def __init__(self) -> None:
        self._call_ended: list[Subscriber[CallEnded]] = []
        self._alarm: list[Subscriber[Alarm]] = []
        self._danger: list[Subscriber[Danger]] = []
        self._calls: list[Subscriber[int]] = []
        self._account: list[Subscriber[str | None]] = []
        self._registered: list[Subscriber[bool]] = []
        self._finding: list[Subscriber[Finding]] = []
        self._stop: list[Subscriber[None]] = []
        self._warnings: dict[str, None] = {}
        self._going_on: set[asyncio.Future[None]] = set()

    def on_call_ended(self, subscriber: Subscriber[CallEnded]) -> None:
        """Hear once of every call that has ended, also of one whose process died."""
        self._call_ended.append(subscriber)

    def on_alarm(self, subscriber: Subscriber[Alarm]) -> None:
        """Hear once of a call that a fault ends: as soon as it is known, before the caller has heard the apology."""
        self._alarm.append(subscriber)

    def on_danger(self, subscriber: Subscriber[Danger]) -> None:
        """Hear at once of danger that was named in a call; only of people who have agreed to it."""
        self._danger.append(subscriber)

    def on_calls(self, subscriber: Subscriber[int]) -> None:
        """Hear how many calls are on the line, whenever that changes."""
        self._calls.append(subscriber)

    def on_account(self, subscriber: Subscriber[str | None]) -> None:
        """Hear the slug of the fault for which no calls are taken any more, and None when they are again."""
        self._account.append(subscriber)

    def on_registered(self, subscriber: Subscriber[bool]) -> None:
        """Hear whether LiveKit knows the worker, whenever that changes; until it first does, nothing is told."""
        self._registered.append(subscriber)

    def on_finding(self, subscriber: Subscriber[Finding]) -> None:
        """Hear what was found outside of calls, which go on: by the check-up, and as her lines are recorded."""
        self._finding.append(subscriber)

    def on_stop(self, subscriber: Subscriber[None]) -> None:
        """Hear that all calls are over and the worker ends; what takes longer than some seconds is stopped."""
        self._stop.append(subscriber)

    def let_in(self, features: Iterable[Feature], settings: Settings) -> None:
        """Have each subscribe; one that cannot is logged, and calls are taken without it."""
        for feature in features:
            self._let_one_in(feature, settings)

    def tell_end(self, ended: CallEnded) -> None:
        """A call has ended."""
        self._tell(self._call_ended, ended)

    def tell_alarm(self, alarm: Alarm) -> None:
        """A call ends by a fault, or is about to."""
        self._tell(self._alarm, alarm)

    def tell_danger(self, danger: Danger) -> None:
        """Danger was named in a call."""
        self._tell(self._danger, danger)

    def tell_calls(self, number: int) -> None:
        """So many calls are on the line now."""
        self._tell(self._calls, number)

    def tell_account(self, fault: str | None) -> None:
        """No calls are taken for this fault of the account's, or they are again."""
        self._tell(self._account, fault)

    def tell_registered(self, *, is_registered: bool) -> None:
        """LiveKit knows the worker from now on, or no longer."""
        self._tell(self._registered, is_registered)

    def tell_finding(self, finding: Finding) -> None:
        """This was found, and she takes calls all the same."""
        self._tell(self._finding, finding)

    def warn(self, fault: Fault) -> None:
        """From a feature: this is wrong with it, and calls go on. Only from the worker's event loop, as `clear`."""
        if fault.slug not in self._warnings:
            self._warnings[fault.slug] = None
            logger.warning("feature in trouble", extra={"fault": fault.slug})

    def clear(self, fault: Fault) -> None:
        """From a feature: it is well again."""
        if fault.slug in self._warnings:
            del self._warnings[fault.slug]
            logger.warning("feature well again", extra={"after": fault.slug})

    @property
    def warnings(self) -> tuple[str, ...]:
        """The slugs of what is wrong with features now."""
        return tuple(self._warnings)

    async def aclose(self) -> None:
        """Tell that it is over, wait a while for what subscribers still do, then stop it."""
        self._tell(self._stop, None)
        if self._going_on:
            _, late = await asyncio.wait(self._going_on, timeout=_LAST_SECONDS)
            for task in late:
                task.cancel()

    def _let_one_in(self, feature: Feature, settings: Settings) -> None:
        try:
            feature(self, settings)
        except Exception as error:  # noqa: BLE001  whatever a feature does wrong, calls are taken
            _log(feature, error)

    def _tell(self, subscribers: Iterable[Subscriber[Event]], event: Event) -> None:
        for subscriber in subscribers:
            self._tell_one(subscriber, event)

    def _tell_one(self, subscriber: Subscriber[Event], event: Event) -> None:
        try:
            work = subscriber(event)
        except Exception as error:  # noqa: BLE001  whatever a feature does wrong, the others hear
            _log(subscriber, error)
            return
        if inspect.isawaitable(work):
            task = asyncio.ensure_future(work)
            self._going_on.add(task)
            task.add_done_callback(functools.partial(self._on_done, subscriber))

    def _on_done(self, subscriber: Callable[..., object], task: asyncio.Future[None]) -> None:
        self._going_on.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _log(subscriber, error)


Feature = Callable[[Hooks, Settings], None]
"""What a room gives to be heard of: it subscribes, with the settings that the worker has checked."""


def _log(subscriber: Callable[..., object], error: BaseException) -> None:
    """By type only: an exception's text may hold a key, or who called."""
    function = getattr(subscriber, "func", subscriber)  # of a functools.partial
    logger.error(
        "subscriber failed",
        extra={"subscriber": getattr(function, "__module__", None), "error": type(error).__name__},
    )
