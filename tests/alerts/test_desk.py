"""From news to letters at a real store: what is told, to whom, how often, and what happens when something is away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from alerts.post import ADDRESSES, NIGHT, SECRET, Post, account, danger, died, with_addresses
from granny import faults
from granny.alerts._desk import LOOK_SECONDS
from granny.alerts._ledger import GIVEN_UP, LONGEST_PAUSE
from granny.alerts._news import Course, News, Topic
from granny.alerts._rules import MOST_A_DAY
from granny.config.settings import Settings
from granny.faults.plain import advice
from granny.net.letters import AT_ONCE
from granny.rehearsal.rig.postgresql import PostgreSQL
from granny.store.outbox import Outbox
from granny.store.rows import Urgency
from granny.store.store import Store
from granny.store.trouble import unavailable

ONE, TWO = ADDRESSES
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
MORNING = timedelta(hours=5)
"""From three o'clock until quiet ends."""
CREDIT = advice("openai-out-of-credit", "en").wrong
WELL = "Granny is well again."
FULL = "the disk is full"


@pytest.fixture
async def post(settings: Settings) -> AsyncIterator[Post]:
    post = Post(with_addresses(settings, ONE))
    yield post
    await post.aclose()


def rest(slug: str, urgency: Urgency = Urgency.URGENT, about: str = "") -> News:
    return News(topic=Topic.REST, slug=slug, urgency=urgency, at=NIGHT, about=about)


async def test_an_account_that_fails_is_told_once_in_a_hundred_faults_and_its_end_once(post: Post) -> None:
    assert await post.happens(account()) == [CREDIT]
    for _ in range(100):
        assert await post.happens(account(), after=timedelta(seconds=30)) == []
    assert await post.happens(account(Course.OVER), after=MINUTE) == [WELL]
    assert await post.happens(account(Course.OVER), after=MINUTE) == []


async def test_what_lasts_is_told_again_though_nothing_new_has_come(post: Post) -> None:
    told = [await post.happens(account())]
    told += [await post.happens(after=HOUR) for _ in range(31)]
    assert [hour for hour, titles in enumerate(told) if titles] == [0, 6, 30]
    assert told[6] == [f"Still so: {CREDIT}"]


async def test_a_worker_that_starts_anew_tells_that_it_is_well_again(settings: Settings, post: Post) -> None:
    await post.happens(account())
    other = Post(with_addresses(settings, ONE))
    assert await other.happens(account(Course.OVER), after=HOUR) == [WELL]
    await other.aclose()


async def test_two_workers_send_one_alert_and_one_that_it_is_over(settings: Settings) -> None:
    workers = [Post(with_addresses(settings, ONE)) for _ in range(2)]
    for course, after in ((Course.LASTS, timedelta()), (Course.LASTS, MINUTE), (Course.OVER, MINUTE)):
        await asyncio.gather(*(worker.happens(account(course), after=after) for worker in workers))
    assert sorted(letter.title for worker in workers for letter in worker.sent) == sorted([CREDIT, WELL])
    for worker in workers:
        await worker.aclose()


async def test_at_night_only_the_urgent_is_sent_and_the_rest_together_in_the_morning(post: Post) -> None:
    titles = await post.happens(died(), rest("openai-model-retiring", Urgency.DIGEST), danger())
    assert titles == ["In a call words were heard that may mean an emergency."]
    assert await post.happens(after=MORNING - MINUTE) == []
    assert await post.happens(after=MINUTE) == ["Granny: 2 things that could wait until now"]
    assert "OpenAI will soon switch off the model" in post.sent[-1].body
    assert await post.ask(lambda shelf: shelf.outbox.waiting()) == []


@pytest.mark.parametrize("is_away", [False, True])
async def test_no_more_is_taken_at_once_than_can_be_sent_before_another_worker_takes_it(
    settings: Settings, *, is_away: bool
) -> None:
    """Each letter may take ten seconds, and what could wait is still one letter to each address."""
    post = Post(with_addresses(settings, ONE, TWO))
    post.is_away = is_away
    await post.happens(died("anna"), died("bert"))
    post.now = NIGHT + MORNING
    urgent = [rest(slug) for slug in list(faults.CATALOGUE)[:MOST_A_DAY]]
    assert len(await post.happens(*urgent)) == 2 * MOST_A_DAY + 2
    assert post.most <= AT_ONCE
    assert post.sent[-1].title == post.sent[-2].title == "Granny: 2 things that could wait until now"
    await post.aclose()


async def test_one_thing_that_could_wait_is_sent_as_it_is(post: Post) -> None:
    await post.happens(died())
    (title,) = await post.happens(after=MORNING)
    assert title == advice("call-no-answer", "en").wrong
    assert "Whom it concerns: anna" in post.sent[-1].body


async def test_three_calls_that_die_within_an_hour_are_urgent(post: Post) -> None:
    told = [await post.happens(died(), after=timedelta(minutes=20)) for _ in range(4)]
    assert told == [[], [], [advice(faults.CALLS_DIED.slug, "en").wrong], []]


async def test_three_calls_that_die_in_three_hours_are_not(post: Post) -> None:
    assert [await post.happens(died(), after=HOUR) for _ in range(4)] == [[]] * 4


async def test_three_that_die_at_once_are_three(post: Post) -> None:
    assert await post.happens(died(), died(), died("bert")) == ["Three calls were broken off within an hour."]


async def test_what_is_told_of_one_person_does_not_hide_another(post: Post) -> None:
    assert len(await post.happens(danger("anna"), danger("anna"), danger("bert"))) == 2
    assert await post.happens(danger("anna"), after=MINUTE) == []
    assert len(await post.happens(danger("anna"), after=HOUR)) == 1
    assert "How often" not in post.sent[0].body
    assert "How often since the last message about it: 2" in post.sent[-1].body


async def test_ten_are_sent_in_a_day_and_the_next_morning_how_many_more_there_were(post: Post) -> None:
    kinds = [rest(slug) for slug in list(faults.CATALOGUE)[: MOST_A_DAY + 7]]
    assert len(await post.happens(*kinds)) == MOST_A_DAY
    assert len(await post.happens(danger(), after=MINUTE)) == 1
    for hours in (22, 23, 24, 28):
        post.now = NIGHT + timedelta(hours=hours)
        assert await post.happens() == []
    assert await post.happens(after=HOUR) == [advice(faults.ALERTS_HELD_BACK.slug, "en").wrong]
    assert "Not sent on November 27, 2026: 7 more." in post.sent[-1].body


async def test_where_the_day_begins_later_than_in_london_the_rest_is_told_the_next_morning_too(
    settings: Settings,
) -> None:
    overseas = settings.model_copy(update={"timezone": "America/New_York"})
    post = Post(with_addresses(overseas, ONE))
    await post.happens(*(rest(slug) for slug in list(faults.CATALOGUE)[: MOST_A_DAY + 7]))
    told = [await post.happens(after=HOUR) for _ in range(12)]
    assert [hour for hour, titles in enumerate(told, start=1) if titles] == [11]
    await post.aclose()


async def test_what_is_over_and_again_so_while_letters_go_is_not_told_as_over(post: Post) -> None:
    await post.happens(account())
    assert await post.happens(account(Course.OVER), account(), after=MINUTE) == []
    assert await post.happens(account(Course.OVER), after=MINUTE) == [WELL]


async def test_each_address_gets_its_own_and_only_the_one_that_was_down_is_tried_again(settings: Settings) -> None:
    post = Post(with_addresses(settings, ONE, TWO), besides=())
    post.down = {ONE}
    assert await post.happens(account()) == [CREDIT]
    assert post.desk.is_undelivered
    post.down = set()
    assert await post.happens(after=2 * MINUTE) == [CREDIT]
    assert {letter.address for letter in post.sent} == {ONE, TWO}
    assert not post.desk.is_undelivered
    await post.aclose()


async def test_a_service_that_is_down_for_three_hours_gets_it_and_until_then_that_is_said(post: Post) -> None:
    post.down = {ONE}
    for minute in range(180):
        assert await post.happens(account(), after=MINUTE if minute else timedelta()) == []
        assert post.desk.is_undelivered
    assert post.tried < 15
    post.down = set()
    sent = [title for _ in range(31) for title in await post.happens(after=MINUTE)]
    assert sent == [CREDIT]
    assert not post.desk.is_undelivered


async def test_what_cannot_be_delivered_for_a_day_is_given_up_and_that_stays_said_until_something_is(
    post: Post,
) -> None:
    post.down = {ONE}
    await post.happens(danger())
    for _ in range(GIVEN_UP // LONGEST_PAUSE + 1):
        await post.happens(after=LONGEST_PAUSE)
    assert await post.ask(lambda shelf: shelf.outbox.waiting()) == []
    assert post.desk.is_undelivered
    post.down = set()
    assert len(await post.happens(danger("bert"))) == 1
    assert not post.desk.is_undelivered


async def test_a_message_to_an_address_that_is_set_no_more_is_dropped(settings: Settings, post: Post) -> None:
    two = Post(with_addresses(settings, ONE, TWO))
    two.down = {ONE, TWO}
    await two.happens(account())
    await two.aclose()
    assert await post.happens(after=10 * MINUTE) == [CREDIT]
    assert await post.ask(lambda shelf: shelf.outbox.waiting()) == []


async def test_a_worker_that_is_killed_before_it_sends_leaves_it_to_the_next(settings: Settings) -> None:
    """Written before it is sent, and taken out after it went."""
    dead = Post(with_addresses(settings, ONE))

    async def killed(_: object) -> list[object]:
        raise asyncio.CancelledError

    dead.desk._send = killed  # type: ignore[assignment]
    with pytest.raises(asyncio.CancelledError):
        await dead.happens(account())
    await dead.aclose()
    alive = Post(with_addresses(settings, ONE))
    assert await alive.happens(after=MINUTE) == []  # the other may still be at it
    assert await alive.happens(after=2 * MINUTE) == [CREDIT]
    await alive.aclose()


async def test_what_was_about_to_be_written_when_the_worker_ends_is_written_at_the_very_end(post: Post) -> None:
    post.desk.take(danger())
    step = asyncio.create_task(post.desk.step(post.now))
    await asyncio.sleep(0)
    step.cancel()
    with pytest.raises(asyncio.CancelledError):
        await step
    assert len(await post.happens()) == 1


async def test_a_store_that_is_away_keeps_nobody_from_being_told_and_gets_all_of_it_later(post: Post) -> None:
    post.is_away = True
    assert await post.happens(account()) == [CREDIT]
    assert post.desk.is_away
    assert await post.happens(account(), died(), after=MINUTE) == []
    post.is_away = False
    assert await post.happens(account(), after=MINUTE) == []
    assert not post.desk.is_away
    (waiting,) = await post.ask(lambda shelf: shelf.outbox.waiting())
    assert waiting.slug == "call-no-answer"
    assert await post.happens(account(Course.OVER), after=MINUTE) == [WELL]


async def test_a_store_that_fails_in_the_midst_of_writing_it_down_costs_no_alert(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a full disk: what was noted before in the same go was not kept, and counts as nothing."""

    def fails(*_: object) -> int:
        raise unavailable(FULL)

    with monkeypatch.context() as full:
        full.setattr(Outbox, "put", fails)
        assert await post.happens(account(), danger()) == [
            CREDIT,
            "In a call words were heard that may mean an emergency.",
        ]
    assert await post.happens(account(), danger(), after=MINUTE) == []
    assert await post.happens(account(Course.OVER), after=MINUTE) == [WELL]


async def test_a_server_that_goes_and_comes_back_costs_no_alert(server: PostgreSQL, database_url: str) -> None:
    """A real one, stopped and started: told from memory meanwhile, and what could wait is in it again."""
    post = Post(
        with_addresses(Settings.model_validate({"OPENAI_API_KEY": "none", "GRANNY_DATABASE_URL": database_url}), ONE)
    )
    assert await post.happens(account()) == [CREDIT]
    server.stop()
    assert len(await post.happens(account(), danger(), died(), after=MINUTE)) == 1
    assert post.desk.is_away
    server.start()
    assert await post.happens(account(), after=MINUTE) == []
    assert not post.desk.is_away
    assert [one.slug for one in await post.ask(lambda shelf: shelf.outbox.waiting())] == ["call-no-answer"]
    assert await post.happens(account(Course.OVER), after=MINUTE) == [WELL]
    await post.aclose()


async def test_what_was_told_before_the_store_went_is_not_told_again(post: Post) -> None:
    await post.happens(account())
    post.is_away = True
    assert await post.happens(account(), after=MINUTE) == []
    assert await post.happens(account(Course.OVER), after=MINUTE) == [WELL]
    post.is_away = False
    assert await post.happens(account(Course.OVER), after=MINUTE) == []


async def test_what_else_is_wrong_is_told_with_the_next_alert(settings: Settings) -> None:
    post = Post(with_addresses(settings, ONE), besides=("alerts-undelivered",))
    await post.happens(account())
    assert "Besides: Alerts could not be delivered." in post.sent[0].body
    await post.aclose()


async def test_a_thousand_faults_a_minute_for_an_hour_are_few_letters_and_few_rows(post: Post) -> None:
    """Of three kinds, of three people, and an account that comes and goes."""
    slugs = [slug for slug, fault in faults.CATALOGUE.items() if slug.startswith("call-")]
    most = 0
    for minute in range(60):
        news = [died(f"p{number % 3}", slugs[number // 3 % 3]) for number in range(1000)]
        news.append(account(Course.OVER if minute % 2 else Course.LASTS))
        await post.happens(*news, after=MINUTE if minute else timedelta())
        most = max(most, len(await post.ask(lambda shelf: shelf.outbox.waiting())))
    assert most <= 200
    assert len(post.sent) <= MOST_A_DAY
    assert len(await post.happens(after=MORNING)) == 1


async def test_what_comes_again_within_a_minute_does_not_wake_the_desk(settings: Settings) -> None:
    """So a flood costs the calls beside it nothing but its counting."""
    steps = 0
    post = Post(with_addresses(settings, ONE))

    async def step() -> None:
        nonlocal steps
        steps += 1

    running = asyncio.create_task(post.desk.run(step))
    for _ in range(1000):
        post.desk.take(died())
        await asyncio.sleep(0)
    running.cancel()
    assert steps <= 2
    assert LOOK_SECONDS >= 10
    await post.aclose()


async def test_of_who_is_forgotten_nothing_is_told_any_more_and_nothing_stands_in_the_store(
    settings: Settings, post: Post
) -> None:
    post.down = {ONE}
    await post.happens(danger("anna"), danger("bert"), died("anna"))
    store = Store.open(settings)
    store.forget("anna")
    (waiting,) = store.outbox.waiting()
    assert "bert" in waiting.text
    assert store.outbox.forget("") == 0, "nobody is not everybody"
    store.close()
    post.down = set()
    assert len(await post.happens(after=MORNING)) == 1
    if settings.data_place and not settings.database_url:
        files = [file for file in settings.data_place.iterdir() if file.is_file()]
        assert files
        assert not [file for file in files if b"anna" in file.read_bytes()]


async def test_nothing_of_an_address_stands_in_the_store(settings: Settings) -> None:
    post = Post(with_addresses(settings, ONE, "nosuch://" + SECRET))
    post.down = {ONE}
    await post.happens(account(), died(), danger())
    messages = await post.ask(lambda shelf: shelf.outbox.waiting())
    assert messages
    assert SECRET[:8] not in "".join(f"{message.text}{message!r}" for message in messages)
    if settings.data_place and not settings.database_url:
        files = [file for file in settings.data_place.iterdir() if file.is_file()]
        assert files
        assert not [file for file in files if SECRET[:8].encode() in file.read_bytes()]
    await post.aclose()
