"""Section 2: LiveKit over the network."""

from granny.faults._fault import Fault, Severity

LIVEKIT_KEY_UNKNOWN = Fault(
    slug="livekit-key-unknown",
    severity=Severity.FATAL,
    summary="The LiveKit server does not know this API key.",
    cause="The key belongs to another LiveKit project, was deleted there, or was not copied exactly.",
    remedy=(
        ("Open https://cloud.livekit.io, choose the project whose address is in LIVEKIT_URL, then Settings, API keys."),
        "Copy URL, key and secret of one and the same entry into Granny-voice/.env.local.",
        "See that LIVEKIT_API_KEY and LIVEKIT_API_SECRET are not exchanged: in the cloud the key is the short one.",
        ("With a server of your own: the key must be in the keys list of its configuration file, letter for letter."),
    ),
    spoken="not-set-up",
)

LIVEKIT_SECRET_WRONG = Fault(
    slug="livekit-secret-wrong",
    severity=Severity.FATAL,
    summary="LiveKit knows the API key, but the secret is not the one that belongs to it.",
    cause="The secret belongs to another key, or a piece of it was lost while copying.",
    remedy=(
        (
            "LiveKit shows a secret only once. If you have not kept it, make a new key at "
            "https://cloud.livekit.io, Settings, API keys."
        ),
        ("Copy the new key to LIVEKIT_API_KEY and its secret to LIVEKIT_API_SECRET in Granny-voice/.env.local."),
    ),
    spoken="not-set-up",
)

CLOCK_AHEAD = Fault(
    slug="clock-ahead",
    severity=Severity.FATAL,
    summary="This machine's clock is ahead of the real time.",
    cause="The clock is not set from the internet. LiveKit refuses a pass that begins in the future.",
    remedy=(
        (
            "Let the clock set itself: on Windows Settings, Time & language, Sync now; on a Mac "
            "System Settings, General, Date & Time; on Linux run: sudo timedatectl set-ntp true"
        ),
        "In a virtual machine or a container, set the clock of the machine that runs it.",
    ),
    spoken="not-set-up",
)

CLOCK_BEHIND = Fault(
    slug="clock-behind",
    severity=Severity.FATAL,
    summary="This machine's clock is behind the real time.",
    cause="The clock is not set from the internet, often after the machine slept or stood without power.",
    remedy=CLOCK_AHEAD.remedy,
    spoken="not-set-up",
)

LIVEKIT_UNAUTHORIZED = Fault(
    slug="livekit-unauthorized",
    severity=Severity.FATAL,
    summary="LiveKit refused Granny, for a reason that she does not know.",
    cause="The project may be paused or over its limit, or a proxy on the way removes the Authorization header.",
    remedy=(
        "Open your project at https://cloud.livekit.io and see whether it is active and within its limits.",
        "With a server of your own behind a proxy: let the proxy pass on the Authorization header.",
        "With a server of your own: its log says why it refused.",
    ),
    spoken="not-set-up",
)

LIVEKIT_NOT_LISTENING = Fault(
    slug="livekit-not-listening",
    severity=Severity.FATAL,
    summary="Nothing answers at the address in LIVEKIT_URL.",
    cause="The LiveKit server is not started, or listens on another port.",
    remedy=(
        "With a server of your own: start it (livekit-server --dev listens on ws://127.0.0.1:7880).",
        (
            "If Granny runs in a container: localhost and 127.0.0.1 are the container itself. Write "
            "the server's name, or host.docker.internal."
        ),
        "Compare host and port in LIVEKIT_URL with the server's.",
    ),
    spoken="not-set-up",
)

LIVEKIT_HOST_UNKNOWN = Fault(
    slug="livekit-host-unknown",
    severity=Severity.FATAL,
    summary="There is no machine with the name in LIVEKIT_URL.",
    cause="The address has a typing mistake, the project was deleted, or there is no internet connection.",
    remedy=(
        "Open https://cloud.livekit.io, Settings, Project, and copy the URL again (it begins with wss://).",
        "If that page does not open either, put the internet connection right first.",
    ),
    spoken="not-set-up",
)

LIVEKIT_UNREACHABLE = Fault(
    slug="livekit-unreachable",
    severity=Severity.TRANSIENT,
    summary="There is no way to the LiveKit server at the moment.",
    cause="The network is down, or something on the way broke the connection off.",
    remedy=(
        ("Look whether this machine has a connection to the internet, or to the network of the LiveKit server."),
        ("If it has, a firewall may be in the way: it must let Granny out to the host and port in LIVEKIT_URL."),
    ),
    spoken="cannot-reach-voice",
)

LIVEKIT_TLS_MISMATCH = Fault(
    slug="livekit-tls-mismatch",
    severity=Severity.FATAL,
    summary="LIVEKIT_URL begins with the wrong one of ws:// and wss://.",
    cause="wss:// is the encrypted way, ws:// the plain one; the server offers only the other one on that port.",
    remedy=(
        "Change the beginning of LIVEKIT_URL in Granny-voice/.env.local as the line above says.",
        "The cloud needs wss://; livekit-server --dev on your own machine needs ws://.",
    ),
    spoken="not-set-up",
)

LIVEKIT_CERTIFICATE = Fault(
    slug="livekit-certificate",
    severity=Severity.FATAL,
    summary="The LiveKit server's certificate cannot be trusted, so Granny does not talk to it.",
    cause="A server of your own with a self-made or outdated certificate, an address that the "
    "certificate does not name, a company proxy that opens connections, or a wrong clock on "
    "this machine.",
    remedy=(
        "Look first whether date and time of this machine are right.",
        (
            "With a server of your own: give it a certificate for exactly the name in LIVEKIT_URL, "
            "for instance from https://letsencrypt.org."
        ),
        ("With a self-made one or a company proxy: set SSL_CERT_FILE to a file that holds the issuer's certificate."),
    ),
    spoken="not-set-up",
)

LIVEKIT_NOT_LIVEKIT = Fault(
    slug="livekit-not-livekit",
    severity=Severity.FATAL,
    summary="Something answers at the address in LIVEKIT_URL, but it is not a LiveKit server.",
    cause="The port belongs to another program, or the address is that of a web page.",
    remedy=(
        ("In the cloud: copy the URL from https://cloud.livekit.io, Settings, Project (it ends in .livekit.cloud)."),
        ("With a server of your own: write the port of its HTTP side, usually 7880; 7881 carries only media."),
        "Behind a web server or proxy: it must pass WebSocket connections on to LiveKit.",
    ),
    spoken="not-set-up",
)

LIVEKIT_REDIRECTS = Fault(
    slug="livekit-redirects",
    severity=Severity.FATAL,
    summary="The address in LIVEKIT_URL sends Granny on to another address.",
    cause="The server moved, or a web server in front of it changes http to https.",
    remedy=(
        ("Write the address that it sends on to into LIVEKIT_URL, beginning with wss:// (see the line above)."),
        ("If that address is a sign-in page, a network gate is in the way: sign in there, or use another network."),
    ),
    spoken="not-set-up",
)

LIVEKIT_SILENT = Fault(
    slug="livekit-silent",
    severity=Severity.TRANSIENT,
    summary="Nobody answered at the address in LIVEKIT_URL within the time allowed.",
    cause="A firewall swallows the connection, the server is overloaded, or the port belongs to a program that waits.",
    remedy=(
        "Try again in a minute.",
        ("If it stays so: compare host and port in LIVEKIT_URL with the server's, and let the firewall pass them."),
    ),
    spoken="cannot-reach-voice",
)

LIVEKIT_UNAVAILABLE = Fault(
    slug="livekit-unavailable",
    severity=Severity.TRANSIENT,
    summary="The LiveKit server is there, but cannot serve at the moment.",
    cause="It is starting, overloaded or under repair; or a proxy stands in front of a server that is down.",
    remedy=(
        "Wait a minute and try again; https://status.livekit.io tells of troubles in the cloud.",
        "With a server of your own: look whether it runs, and what its log says.",
    ),
    spoken="cannot-reach-voice",
)

LIVEKIT_QUOTA = Fault(
    slug="livekit-quota",
    severity=Severity.FATAL,
    summary="The LiveKit Cloud project has used up what its plan allows.",
    cause="A free plan stops when the minutes of the month or the connections at one time are used up.",
    remedy=(
        "Open your project at https://cloud.livekit.io; its settings show the limits and what is used.",
        "Take a larger plan there, or wait for the first day of the next month, when the minutes begin anew.",
        "If other programs use the same project, stop those that are not needed.",
    ),
    spoken="cannot-reach-voice",
)

TUNNEL_PAGE = Fault(
    slug="tunnel-page",
    severity=Severity.FATAL,
    summary="The page of a tunnel answers at the address in LIVEKIT_URL, and no LiveKit server.",
    cause="The tunnel is not running any more, got a new address, leads to no server, or wants a person to sign in.",
    remedy=(
        "On the machine where LiveKit runs: start LiveKit, then the tunnel to its port (usually 7880).",
        "Tunnels change their address: write the one that it shows now into Granny-voice/.env.local as LIVEKIT_URL=",
        "If you use no tunnel, a network gate is in the way: open any web page and sign in.",
        "Such a tunnel does not carry the sound of a call: use LiveKit Cloud, or a server with an address of its own.",
    ),
    spoken="not-set-up",
)

PROXY_IGNORED = Fault(
    slug="proxy-ignored",
    severity=Severity.WARNING,
    summary="A proxy is set under a name that Granny does not read, and nothing answers without it.",
    cause="She and the libraries below her read HTTPS_PROXY and HTTP_PROXY in capital letters, nothing else.",
    remedy=(
        (
            "If the way to the internet leads through that proxy here: set HTTPS_PROXY to the same address, in the "
            "environment or in Granny-voice/.env.local."
        ),
        "If it does not, put right first what is said besides.",
    ),
)

PROXY_UNREACHABLE = Fault(
    slug="proxy-unreachable",
    severity=Severity.FATAL,
    summary="The proxy in {variable} does not let Granny through.",
    cause="HTTPS_PROXY or HTTP_PROXY is set, in the environment or in an env file, and the worker uses it for every "
    "connection, even to this machine itself; NO_PROXY changes nothing about that.",
    remedy=(
        (
            "If you need no proxy: remove {variable} (and HTTP_PROXY) from the place named above, or start "
            "Granny with it empty."
        ),
        "If you need one: ask who runs it for the right address. It begins with http://, even for what is encrypted.",
        (
            "If it answers 403 or 407: it asks for a name and a password (http://name:password@host:port), or who "
            "runs it must let Granny out to OpenAI and LiveKit."
        ),
    ),
    spoken="not-set-up",
)
