"""Section 2, second part: the telephone, as LiveKit has it."""

from granny.faults._fault import Fault, Severity

_SET_UP = "Let Granny set it up: python -m granny phone setup"

PHONE_NUMBER_MISSING = Fault(
    slug="phone-number-missing",
    severity=Severity.FATAL,
    summary="Granny does not know her own telephone number.",
    cause="GRANNY_PHONE_NUMBER is not set; without it no trunk can be made, and nobody rung.",
    remedy=(
        "Set it in Granny-voice/.env.local, as in GRANNY_PHONE_NUMBER=+49 30 23125000; docs/phone.md has the steps.",
    ),
)

PHONE_SERVICE_MISSING = Fault(
    slug="phone-service-missing",
    severity=Severity.FATAL,
    summary="This LiveKit server has no telephone service, so her number rings in vain.",
    cause="A LiveKit server of your own takes telephone calls only with redis, and with LiveKit's SIP service beside "
    "it; that one does not run, is full, or uses another redis.",
    remedy=(
        "Start redis and LiveKit's SIP service, and name the same redis to both servers: docs/phone.md tells how.",
        "If it runs: its log says why it does not come to redis, or how many calls it has.",
    ),
)

PHONE_SERVICE_BUSY = Fault(
    slug="phone-service-busy",
    severity=Severity.TRANSIENT,
    summary="LiveKit's SIP service takes no further call, for its machine is too busy.",
    cause="Its CPU is used above its own bound (max_cpu_utilization), by calls or by something else on that machine.",
    remedy=(
        "Wait a minute, and look what else that machine does.",
        "If it stays so: give it a machine of its own, or run a second one with the same redis.",
    ),
)

PHONE_TRUNK_MISSING = Fault(
    slug="phone-trunk-missing",
    severity=Severity.FATAL,
    summary="LiveKit has no trunk for her telephone number: whoever rings it hears it ring without end.",
    cause="None was made in this LiveKit project, or it is for another number.",
    remedy=(
        _SET_UP,
        "If the number was changed: compare GRANNY_PHONE_NUMBER with it, digit by digit.",
    ),
)

PHONE_OUT_MISSING = Fault(
    slug="phone-out-missing",
    severity=Severity.FATAL,
    summary="LiveKit has no trunk by which Granny could ring anybody.",
    cause="None was made in this LiveKit project: GRANNY_PHONE_OUT_ADDRESS was not set when her telephone was set up.",
    remedy=(
        "Set GRANNY_PHONE_OUT_ADDRESS in Granny-voice/.env.local, and user and password if there are any.",
        "Then: python -m granny phone setup",
    ),
)

PHONE_RULE_MISSING = Fault(
    slug="phone-rule-missing",
    severity=Severity.FATAL,
    summary="No rule of LiveKit's sends for Granny when her telephone rings: it rings without end.",
    cause="The trunk was made, and no dispatch rule for it.",
    remedy=(_SET_UP,),
)

PHONE_RULE_OTHER_AGENT = Fault(
    slug="phone-rule-other-agent",
    severity=Severity.FATAL,
    summary="When her telephone rings, LiveKit sends for another agent than Granny.",
    cause="GRANNY_AGENT_NAME was changed after the rule was made, or the rule is another agent's.",
    remedy=(
        _SET_UP,
        "Or give Granny the name that the rule has: GRANNY_AGENT_NAME in Granny-voice/.env.local.",
    ),
)

PHONE_NUMBER_FORM = Fault(
    slug="phone-number-form",
    severity=Severity.WARNING,
    summary="In a trunk or a rule of LiveKit's there is a telephone number in a form that no call has.",
    cause="Calls come with + and the country's code; a number without them is another one, and its calls ring "
    "without end.",
    remedy=(
        "Write every number as in +493023125000: in the trunk's numbers and allowed numbers, and in the rule's.",
        "Her own is put right by: python -m granny phone setup",
    ),
)

PHONE_TRUNK_OPEN = Fault(
    slug="phone-trunk-open",
    severity=Severity.WARNING,
    summary="Anybody on the internet can ring Granny past the telephone network, and show any number as their own.",
    cause="Her trunk takes calls from every address, and asks nobody for a password.",
    remedy=(
        "Name your provider's addresses: GRANNY_PHONE_IN_ADDRESSES in Granny-voice/.env.local (docs/phone.md).",
        "Or, with a PBX, let it sign in: GRANNY_PHONE_IN_USER and GRANNY_PHONE_IN_PASSWORD.",
        "Then: python -m granny phone setup",
    ),
)

PHONE_WITHOUT_HD = Fault(
    slug="phone-without-hd",
    severity=Severity.WARNING,
    summary="Her telephone calls cannot be in HD, which older ears understand better.",
    cause="The trunk or the rule allows certain codecs only, and G722 is not among them.",
    remedy=(_SET_UP,),
)

PHONE_SETUP_OUTDATED = Fault(
    slug="phone-setup-outdated",
    severity=Severity.WARNING,
    summary="Her trunks or her rule are not as the settings say.",
    cause="A setting was changed after her telephone was set up, or somebody changed them elsewhere.",
    remedy=(
        "See what would be changed: python -m granny phone setup --dry-run",
        "And change it: python -m granny phone setup",
    ),
)

PHONE_SETUP_REFUSED = Fault(
    slug="phone-setup-refused",
    severity=Severity.FATAL,
    summary="Her telephone cannot be set up beside what this LiveKit project has.",
    cause="Another trunk has her number among others, or another rule takes the same calls; LiveKit allows each once.",
    remedy=(
        "Look at the project's trunks and rules: https://cloud.livekit.io, Telephony; or lk sip inbound list.",
        "Take her number out of the other trunk, or remove the other rule, and set it up again.",
    ),
)

PHONE_OUT_REFUSED = Fault(
    slug="phone-out-refused",
    severity=Severity.FATAL,
    summary="The telephone provider, or the PBX, does not let Granny ring.",
    cause="User or password is not right, her number is none of the account's, or it may not ring that country.",
    remedy=(
        "Compare what begins with GRANNY_PHONE_OUT_ with the provider's page, then: python -m granny phone setup",
        "See there whether GRANNY_PHONE_NUMBER is one of the account's, and which countries the account may ring.",
    ),
)

PHONE_NO_WORKER = Fault(
    slug="phone-no-worker",
    severity=Severity.TRANSIENT,
    summary="Nobody was rung, for no worker of Granny's took the call.",
    cause="None runs with this LiveKit project and this GRANNY_AGENT_NAME, or all their places are taken.",
    remedy=(
        "Start one, or see why it does not run: python agent.py start",
        "Compare LIVEKIT_URL and GRANNY_AGENT_NAME of the worker with those of this command.",
    ),
)

PERSON_WITHOUT_NUMBER = Fault(
    slug="person-without-number",
    severity=Severity.FATAL,
    summary="There is no telephone number in the person's file, so Granny cannot ring.",
    cause="A file says how to speak with somebody, and need not say by which telephone.",
    remedy=('Add it to the file, with the country\'s code: numbers = ["+49 30 23125000"]. The first one is rung.',),
)
