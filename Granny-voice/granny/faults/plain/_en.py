"""In English."""

_CHECK = "Run the check-up where she is installed: python -m granny check. It says what to change."
_LOG = "If it comes again, look into her log for the line “call ended”."

FAULTS = {
    "not-set-up": ("Something in Granny's set-up is wrong, or was refused.", _CHECK),
    "openai-key-rejected": (
        "OpenAI does not accept Granny's key.",
        "Make a new one at platform.openai.com/api-keys, and put it in the place of OPENAI_API_KEY.",
    ),
    "openai-account-closed": (
        "OpenAI has closed the account.",
        "Sign in at platform.openai.com: it says why, and whom to write to.",
    ),
    "openai-model-unavailable": ("OpenAI does not offer the voice that Granny uses to this account.", _CHECK),
    "openai-model-retiring": (
        "OpenAI will soon switch off the model that Granny speaks with.",
        "Set GRANNY_MODEL to a newer one: platform.openai.com/docs/deprecations",
    ),
    "no-credit": (
        "The credit at OpenAI is used up, or a payment did not go through.",
        "Look at platform.openai.com/settings/organization/billing, and add credit.",
    ),
    "openai-spend-limit": (
        "The spending limit at OpenAI is reached.",
        "Raise it at platform.openai.com/settings/organization/limits, or wait for the next month.",
    ),
    "budget-spent": (
        "What calls may cost this month is spent, so Granny takes no new ones.",
        "Raise GRANNY_MONTHLY_BUDGET and start her anew; else she takes calls again on the first of the month.",
    ),
    "cannot-reach-voice": (
        "OpenAI, or the way to it, was not to be reached.",
        "Mostly it passes by itself. If not: is her internet working? What does status.openai.com say?",
    ),
    "openai-rate-limited": (
        "OpenAI was asked more often than this account may.",
        "It passes by itself. If it comes often, move the account to a higher tier at OpenAI.",
    ),
    "livekit-unreachable": (
        "The LiveKit server, over which the calls go, was not to be reached.",
        "Is it running, and is the internet working? python -m granny check asks it.",
    ),
    "livekit-connection-lost": (
        "The line between Granny and the LiveKit server broke off.",
        "Once is nothing. If it comes often, the network is poor where one of the two runs.",
    ),
    "no-answer": ("Granny lost an answer, and asked her caller to say it again.", "Once is nothing. " + _LOG),
    "call-no-first-word": ("Granny had joined the call and found no words.", _LOG),
    "call-unheard": (
        "Granny's voice did not get through to the caller's device.",
        "docs/page.md, “The sound's way”, has what is mostly behind it.",
    ),
    "are-you-still-there": (
        "Nothing came from the caller's microphone.",
        "Is it muted, or covered by the tablet's case? Does the tablet allow the page to use it?",
    ),
    "goodbye": ("Nobody had spoken for a long time, so Granny said goodbye.", "Nothing needs to be done."),
    "time-is-up": (
        "The longest time for one call was over.",
        "Where longer calls are wished for: longest_call in the person's file, or GRANNY_MAX_CALL_MINUTES.",
    ),
    "worker-stopping": ("Granny was stopped during a call, by an update for instance.", "Nothing needs to be done."),
    "worker-died": ("The program that Granny runs in ended unexpectedly.", "Is there enough memory? " + _LOG),
    "job-died": (
        "The process of a call ended unexpectedly; another one went on with the call.",
        "Is there enough memory? " + _LOG,
    ),
    "line-lost": (
        "The caller's line broke off and did not come back.",
        "Is Wi-Fi good where the tablet stands?",
    ),
    "emergency-named": (
        "In a call words were heard that may mean an emergency.",
        "Ring there now. Granny has named the emergency number; she may have misheard.",
    ),
    "crisis-named": (
        "In a call words were heard that may speak of ending a life.",
        "Ring there now, and listen. Granny has named whom to ring; she may have misheard.",
    ),
    "person-not-reached": ("Granny rang, and did not reach the one whom she was to reach.", "Ring there yourself."),
    "no-call": (
        "Somebody who has called before has not called for days.",
        "Ask whether all is well there. Does a call from that tablet or telephone still get through?",
    ),
    "calls-died": ("Three calls were broken off within an hour.", "Call her once yourself. " + _LOG),
    "line-not-recorded": (
        "Some of Granny's sentences could not be recorded in her own voice.",
        "Callers hear others in their place. Try it again: python -m granny record",
    ),
    "certificate-ending": (
        "A certificate ends soon; after that nobody reaches Granny there.",
        "Renew it, and see why it is not renewed by itself.",
    ),
    "budget-nearly-spent": (
        "Four fifths of what calls may cost this month are spent.",
        "If that is as it should be, raise GRANNY_MONTHLY_BUDGET.",
    ),
    "budget-reached": (
        "What calls may cost this month is spent. Granny takes calls all the same.",
        "Raise GRANNY_MONTHLY_BUDGET, or set GRANNY_OVER_BUDGET=refuse, and start her anew.",
    ),
    "alerts-held-back": ("There was more to tell than is sent in a day.", _CHECK),
    "alerts-undelivered": (
        "Alerts could not be delivered.",
        "See what each service says, where she is installed: python -m granny alert test",
    ),
    "heartbeat-unheard": (
        "The service that watches over Granny's heartbeat does not take it.",
        "Compare GRANNY_HEARTBEAT_URL with the address that the service shows.",
    ),
    "something-went-wrong": ("Something went wrong in Granny herself.", _LOG),
}
