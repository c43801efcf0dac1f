"""Section 5: what the family, or whoever set her up, is told; and what keeps them from being told."""

from granny.faults._fault import Fault, Severity

EMERGENCY_NAMED = Fault(
    slug="emergency-named",
    severity=Severity.WARNING,
    summary="In a call words were heard that may mean an emergency.",
    cause="Somebody may be in danger, hurt or very ill; she goes by a list of phrases, and may have misheard.",
    remedy=("Ring there now. Granny has named the emergency number.",),
)

CRISIS_NAMED = Fault(
    slug="crisis-named",
    severity=Severity.WARNING,
    summary="In a call words were heard that may speak of ending a life.",
    cause="Somebody may be in despair; she goes by a list of phrases, and may have misheard.",
    remedy=(
        "Ring there now, and listen. Granny has named whom to ring.",
        "What helps in such a talk: https://findahelpline.com",
    ),
)

PERSON_NOT_REACHED = Fault(
    slug="person-not-reached",
    severity=Severity.WARNING,
    summary="Granny rang somebody as often as she was asked to, and did not reach them.",
    cause="Nobody was at home, the telephone was busy or off, an answering machine took the call, or whoever took it "
    "said nothing, or heard only that something is wrong with her.",
    remedy=("Ring there yourself.",),
)

NO_CALL = Fault(
    slug="no-call",
    severity=Severity.WARNING,
    summary="Somebody who has called before has not called for days.",
    cause="They are away or unwell, or the tablet or the telephone is off.",
    remedy=(
        "Ask whether all is well there, and call Granny from their tablet or telephone once.",
        "How many days may pass is GRANNY_ALERT_NO_CALL_DAYS, or alert_no_call_days in the person's file.",
    ),
)

CALLS_DIED = Fault(
    slug="calls-died",
    severity=Severity.WARNING,
    summary="Three calls were broken off within an hour.",
    cause="The network, LiveKit, OpenAI or the machine that runs Granny is in trouble.",
    remedy=("Look into Granny's log for the lines “call ended”: each names its fault.", "Call her once yourself."),
)

CERTIFICATE_ENDING = Fault(
    slug="certificate-ending",
    severity=Severity.WARNING,
    summary="A certificate ends soon; after that nobody reaches Granny there.",
    cause="It was not renewed: the program that renews it does not run, or cannot be reached.",
    remedy=("Renew it, and see that it is renewed by itself from now on; at home Caddy or Tailscale do it.",),
)

BUDGET_NEARLY_SPENT = Fault(
    slug="budget-nearly-spent",
    severity=Severity.WARNING,
    summary="Four fifths of what calls may cost this month are spent.",
    cause="There were more calls than usual, longer ones, or a dearer model.",
    remedy=("If that is as it should be: raise GRANNY_MONTHLY_BUDGET.", "If not: see who called, and how long."),
)

BUDGET_REACHED = Fault(
    slug="budget-reached",
    severity=Severity.WARNING,
    summary="What calls may cost this month is spent; Granny takes calls all the same.",
    cause="As for budget-nearly-spent.",
    remedy=(
        "Raise GRANNY_MONTHLY_BUDGET, or have her take no new calls beyond it: GRANNY_OVER_BUDGET=refuse.",
        "OpenAI's own limit is at https://platform.openai.com/settings/organization/limits",
    ),
)

ALERTS_HELD_BACK = Fault(
    slug="alerts-held-back",
    severity=Severity.WARNING,
    summary="There was more to tell than is sent in a day.",
    cause="Much is wrong, or the same again and again.",
    remedy=("Run the check-up: python -m granny check", "Look into Granny's log: it has all of it."),
)

ALERT_ADDRESS_UNUSABLE = Fault(
    slug="alert-address-unusable",
    severity=Severity.WARNING,
    summary="An address in {variable} is none that alerts can be sent to.",
    cause="It is incomplete or misspelt, or its service is not known to Apprise.",
    remedy=(
        "Write it as https://appriseit.com/services/ shows for its service; between two addresses stands a blank.",
        "Then try it: python -m granny alert test",
    ),
)

ALERTS_UNDELIVERED = Fault(
    slug="alerts-undelivered",
    severity=Severity.WARNING,
    summary="Alerts could not be delivered.",
    cause="The service behind an address is down or refuses it, or this machine's network does not reach it.",
    remedy=(
        "See what each service says: python -m granny alert test",
        "What waits is tried again for a day.",
    ),
)

HEARTBEAT_UNHEARD = Fault(
    slug="heartbeat-unheard",
    severity=Severity.WARNING,
    summary="The service that watches over Granny's heartbeat does not take it.",
    cause="The address in GRANNY_HEARTBEAT_URL is not its own any more, or this machine's network does not reach it.",
    remedy=("Compare the address with the one that the service shows, and set it again.",),
)
