"""Section 3, second half: OpenAI's server and the way there."""

from granny.faults._fault import Fault, Severity

OPENAI_BLOCKED = Fault(
    slug="openai-blocked",
    severity=Severity.FATAL,
    summary="The guard in front of OpenAI's server lets nobody in from this internet connection.",
    cause="The address of this network, of a VPN, a proxy or a data centre is blocked there, or a proxy on the way "
    "blocks OpenAI. The key was not looked at.",
    remedy=(
        "Turn off the VPN or proxy, or use another network: a mobile phone's hotspot shows whether that is it.",
        "In a company or a school: ask who runs the network to let api.openai.com through.",
        "If it stays so from everywhere: look at https://status.openai.com/, then write to https://help.openai.com.",
    ),
    spoken="not-set-up",
)

OPENAI_IP_REFUSED = Fault(
    slug="openai-ip-refused",
    severity=Severity.FATAL,
    summary="OpenAI accepts this key only from certain internet addresses, and this machine's is not one of them.",
    cause="The organization or the project has an IP allow list, and the internet connection or a VPN changed.",
    remedy=(
        (
            "Add this machine's public address at "
            "https://platform.openai.com/settings/organization/general, IP allowlist."
        ),
        "Or start Granny from a network that is on the list.",
    ),
    spoken="not-set-up",
)

OPENAI_REGION_REFUSED = Fault(
    slug="openai-region-refused",
    severity=Severity.FATAL,
    summary="OpenAI does not serve the country or region that this connection comes from.",
    cause="The machine, its VPN or its proxy is in a place that OpenAI does not support.",
    remedy=(
        "The supported places are listed at https://platform.openai.com/docs/supported-countries.",
        "If you are in one of them: turn off the VPN or proxy, or choose another exit.",
    ),
    spoken="not-set-up",
)

OPENAI_RATE_LIMITED = Fault(
    slug="openai-rate-limited",
    severity=Severity.TRANSIENT,
    summary="OpenAI asks Granny to slow down.",
    cause="The account used more within a minute or a day than its tier allows; perhaps another program uses it too.",
    remedy=(
        "Wait a minute and try again.",
        ("If it happens often: https://platform.openai.com/settings/organization/limits shows what your tier allows."),
    ),
    spoken="cannot-reach-voice",
)

OPENAI_NOT_OPENAI = Fault(
    slug="openai-not-openai",
    severity=Severity.FATAL,
    summary="What answers in OpenAI's place does not speak the Realtime API.",
    cause="OPENAI_BASE_URL names another server, or one of another age; or a network gate answers instead.",
    remedy=(
        ("If you did not set OPENAI_BASE_URL on purpose, remove it from Granny-voice/.env.local and the environment."),
        ("If you did: the server there must offer OpenAI's Realtime API at /v1/realtime, in its current form."),
        "In a hotel or company network: open any web page first; you may have to sign in.",
    ),
    spoken="not-set-up",
)

OPENAI_UNAVAILABLE = Fault(
    slug="openai-unavailable",
    severity=Severity.TRANSIENT,
    summary="OpenAI is there, but cannot serve at the moment.",
    cause="A trouble on OpenAI's side; your set-up is not to blame.",
    remedy=("Look at https://status.openai.com/, wait some minutes, and try again.",),
    spoken="cannot-reach-voice",
)

OPENAI_CHALLENGE = Fault(
    slug="openai-challenge",
    severity=Severity.TRANSIENT,
    summary="The guard in front of OpenAI takes this connection for a robot's.",
    cause="The internet address is shared with many others, as with a VPN, a proxy or some data centres.",
    remedy=(
        "Wait some minutes and try again.",
        "If it stays so: turn off the VPN or proxy, or use another network.",
    ),
    spoken="cannot-reach-voice",
)

OPENAI_HOST_UNKNOWN = Fault(
    slug="openai-host-unknown",
    severity=Severity.TRANSIENT,
    summary="The name of OpenAI's server could not be looked up.",
    cause="There is no internet connection, or its name service (DNS) is down; or OPENAI_BASE_URL is misspelt.",
    remedy=(
        ("Open https://status.openai.com/ in a browser. If it does not open, put the internet connection right first."),
        "If OPENAI_BASE_URL is set, look for typing mistakes in it.",
    ),
    spoken="cannot-reach-voice",
)

OPENAI_UNREACHABLE = Fault(
    slug="openai-unreachable",
    severity=Severity.TRANSIENT,
    summary="No connection to OpenAI's server came about.",
    cause="The network is down, a firewall is in the way, or nothing runs at the address in OPENAI_BASE_URL.",
    remedy=(
        "Look whether this machine has a connection to the internet.",
        "If it has: the firewall must let Granny out to api.openai.com, port 443.",
        "If OPENAI_BASE_URL is set: look whether the server there is started.",
    ),
    spoken="cannot-reach-voice",
)

OPENAI_SILENT = Fault(
    slug="openai-silent",
    severity=Severity.TRANSIENT,
    summary="OpenAI did not answer within the time allowed.",
    cause="A firewall swallows the connection, the network is very slow, or OpenAI is overloaded.",
    remedy=(
        "Look at https://status.openai.com/, and try again in a minute.",
        "If only Granny is concerned: the firewall or proxy must let WebSocket connections through.",
    ),
    spoken="cannot-reach-voice",
)

OPENAI_CERTIFICATE = Fault(
    slug="openai-certificate",
    severity=Severity.FATAL,
    summary="The certificate shown in OpenAI's name cannot be trusted, so Granny does not send the key.",
    cause="A company proxy or a virus scanner opens connections, or the clock of this machine is wrong.",
    remedy=(
        "Look first whether date and time of this machine are right.",
        "With a company proxy: ask for its certificate as a .pem file, and set SSL_CERT_FILE to that file.",
        "With a virus scanner: turn off its scanning of encrypted connections.",
    ),
    spoken="not-set-up",
)

OPENAI_UNKNOWN_ERROR = Fault(
    slug="openai-unknown-error",
    severity=Severity.WARNING,
    summary="OpenAI answered with an error that Granny does not know.",
    cause="OpenAI may have changed something, or the server at OPENAI_BASE_URL lacks something.",
    remedy=(
        "Look the code in the line above up at https://platform.openai.com/docs/guides/error-codes.",
        "If calls work all the same, there is nothing to do.",
    ),
    spoken="something-went-wrong",
)
