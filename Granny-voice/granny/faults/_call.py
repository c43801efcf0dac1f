"""Section 4: during a call, and while its lines are recorded."""

from granny.faults._fault import Fault, Severity

_STATUS_PAGE = "Look at https://status.openai.com/ whether OpenAI was in trouble at that time."

CALL_NO_FIRST_WORD = Fault(
    slug="call-no-first-word",
    severity=Severity.TRANSIENT,
    summary="Granny joined the call, and no first word came from OpenAI.",
    cause="The connection to OpenAI was slow or broken just then.",
    remedy=("Call again.", _STATUS_PAGE),
    spoken="something-went-wrong",
)

CALL_NO_ANSWER = Fault(
    slug="call-no-answer",
    severity=Severity.TRANSIENT,
    summary="The caller had spoken, and no answer came from OpenAI.",
    cause="OpenAI did not finish its answer, or sent one without sound.",
    remedy=("Say it again, or call again.", _STATUS_PAGE),
    spoken="no-answer",
)

CALL_UNHEARD = Fault(
    slug="call-unheard",
    severity=Severity.TRANSIENT,
    summary="Granny was in the call, and no device there listened to her.",
    cause="LiveKit did not bring her sound to the caller, or the caller's device did not take it.",
    remedy=(
        "Call again.",
        "If it happens often: see whether the caller's network lets sound through (UDP, or TCP to LiveKit's own port).",
        "If it happens to everybody: restart the LiveKit server, and look into its log.",
    ),
    spoken="something-went-wrong",
)

CALL_DEAF = Fault(
    slug="call-deaf",
    severity=Severity.TRANSIENT,
    summary="The caller's microphone was open, and nothing came of it, not even silence.",
    cause="The caller's network or LiveKit let no sound through to Granny, or another program has the microphone.",
    remedy=(
        "Look whether another program uses the microphone, and call again.",
        "If it happens often: see whether the caller's network lets sound through (UDP, or TCP to LiveKit's own port).",
        "If it happens to everybody: restart the LiveKit server, and look into its log.",
    ),
    spoken="are-you-still-there",
)

CALL_IDLE = Fault(
    slug="call-idle",
    severity=Severity.WARNING,
    summary="Nobody had spoken for a long time, so Granny said goodbye.",
    cause="The caller went away, or the microphone is off or very quiet.",
    remedy=("Call again.", "If you did speak: look whether the browser may use the microphone."),
    spoken="goodbye",
)

CALL_TOO_LONG = Fault(
    slug="call-too-long",
    severity=Severity.WARNING,
    summary="The longest time for one call was reached, so Granny said goodbye.",
    cause="Calls have an end, so that a forgotten tablet does not cost money all night.",
    remedy=("Call again; Granny is there at once.",),
    spoken="time-is-up",
)

BUDGET_SPENT = Fault(
    slug="budget-spent",
    severity=Severity.WARNING,
    summary="What calls may cost this month is spent, so Granny takes no new ones.",
    cause="GRANNY_MONTHLY_BUDGET is reached, and GRANNY_OVER_BUDGET=refuse asks for it.",
    remedy=(
        "Raise GRANNY_MONTHLY_BUDGET, or set GRANNY_OVER_BUDGET=tell, and start Granny anew.",
        "Or leave it: on the first of the month she takes calls again.",
    ),
    spoken="no-credit",
)

WORKER_STOPPING = Fault(
    slug="worker-stopping",
    severity=Severity.WARNING,
    summary="Granny was stopped during a call.",
    cause="Somebody stopped or updated the program, or the machine was shut down.",
    remedy=("Start Granny, and call again.",),
    spoken="worker-stopping",
)

WORKER_DIED = Fault(
    slug="worker-died",
    severity=Severity.TRANSIENT,
    summary="The program that Granny runs in died during a call, so she said goodbye.",
    cause="It was killed, or the machine had no memory left.",
    remedy=("Start Granny, and call again.", "If it happens again: look into the machine's log for what killed it."),
    spoken="something-went-wrong",
)

JOB_DIED = Fault(
    slug="job-died",
    severity=Severity.TRANSIENT,
    summary="The process of a call died; another one went on with the call.",
    cause="It was killed, or the machine had no memory left.",
    remedy=("If it happens again: look into the machine's log for what killed it, and take fewer calls at once.",),
)

CALL_CRASHED = Fault(
    slug="call-crashed",
    severity=Severity.TRANSIENT,
    summary="Something in Granny herself broke during a call, so she said goodbye.",
    cause="A bug, here or in a library that she uses.",
    remedy=(
        "Call again.",
        "Report it as a bug, with the lines of Granny's log from that moment.",
    ),
    spoken="something-went-wrong",
)

LIVEKIT_CONNECTION_LOST = Fault(
    slug="livekit-connection-lost",
    severity=Severity.TRANSIENT,
    summary="The connection to LiveKit broke off during a call and did not come back.",
    cause="The LiveKit server was stopped, or the internet connection of the machine that runs Granny was interrupted.",
    remedy=(
        "Call again.",
        "If it happens often: see whether the LiveKit server is restarted, and put Granny's machine on a cable.",
    ),
    spoken="something-went-wrong",
)

OPENAI_SESSION_EXPIRED = Fault(
    slug="openai-session-expired",
    severity=Severity.WARNING,
    summary="OpenAI ended a connection that had reached its longest time; Granny opened a new one.",
    cause="OpenAI ends each connection after 60 minutes.",
    remedy=("There is nothing to do.",),
)

OPENAI_CONNECTION_LOST = Fault(
    slug="openai-connection-lost",
    severity=Severity.TRANSIENT,
    summary="The connection to OpenAI broke off during a call.",
    cause="The internet connection of the machine that runs Granny was interrupted.",
    remedy=("If it happens often: put that machine on a cable, or nearer to the router.", _STATUS_PAGE),
    spoken="cannot-reach-voice",
)

LINE_NOT_RECORDED = Fault(
    slug="line-not-recorded",
    severity=Severity.TRANSIENT,
    summary="A line could not be recorded in Granny's own voice.",
    cause="The model said other words than it was asked to, or what came was no clear sound.",
    remedy=(
        "Until it is recorded, callers hear the one shipped with Granny; calls go well all the same.",
        "Try again, in the folder Granny-voice: python -m granny record",
        "If it never succeeds: put a recording of your own into the folder of GRANNY_LINES_FOLDER.",
    ),
)

RECORDINGS_NOT_KEPT = Fault(
    slug="recordings-not-kept",
    severity=Severity.FATAL,
    summary="This machine has no place where Granny can keep her recordings.",
    cause="The disk is full, or the user who runs Granny may not write into a home folder.",
    remedy=(
        "See that the folder named above can be written by the user who runs Granny.",
        "Or name another folder, which that user may write, in XDG_CACHE_HOME (Linux).",
    ),
)
