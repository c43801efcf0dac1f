"""Section 3: OpenAI Realtime over the network."""

from granny.faults._fault import Fault, Severity

_KEYS_PAGE = "https://platform.openai.com/api-keys"
_BILLING_PAGE = "https://platform.openai.com/settings/organization/billing"

OPENAI_KEY_REJECTED = Fault(
    slug="openai-key-rejected",
    severity=Severity.FATAL,
    summary="OpenAI does not accept the key in OPENAI_API_KEY.",
    cause="The key was deleted or replaced, was not copied whole, or its account was closed.",
    remedy=(
        f"Open {_KEYS_PAGE} and make a new secret key; it is shown only once.",
        "Write it into Granny-voice/.env.local as OPENAI_API_KEY=, without spaces or quotes.",
        (
            "If you have changed the file before and nothing changed: an OPENAI_API_KEY in the "
            "environment is stronger than the file. Remove it there."
        ),
    ),
    spoken="not-set-up",
)

OPENAI_KEY_SCOPE = Fault(
    slug="openai-key-scope",
    severity=Severity.FATAL,
    summary="The OpenAI key is real, but it may not be used for talking.",
    cause="It is a restricted key without the permission for model capabilities, or its owner's role lacks it.",
    remedy=(
        (f"Open {_KEYS_PAGE}, edit the key and set its permissions to All, or allow writing under Model capabilities."),
        "If you may not change it, ask the owner of the OpenAI organization.",
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

OPENAI_MODEL_UNAVAILABLE = Fault(
    slug="openai-model-unavailable",
    severity=Severity.FATAL,
    summary="The voice model in GRANNY_MODEL does not exist, or this key may not use it.",
    cause="A typing mistake, a model that has been retired, or a project in which the model is not allowed.",
    remedy=(
        (
            "Remove GRANNY_MODEL from Granny-voice/.env.local to take Granny's own choice, or write "
            "one of the models that are listed above."
        ),
        ("Under https://platform.openai.com/settings, Project, Limits you can see which models the project may use."),
        "Some models want a verified organization: https://platform.openai.com/settings/organization/general",
    ),
    spoken="not-set-up",
)

OPENAI_MODEL_RETIRING = Fault(
    slug="openai-model-retiring",
    severity=Severity.WARNING,
    summary="OpenAI is going to switch off the voice model in GRANNY_MODEL.",
    cause="OpenAI retires its models some time after a better one has come.",
    remedy=(
        ("Before that day, write a newer model into Granny-voice/.env.local as GRANNY_MODEL=, or remove that line."),
        "The dates and successors are listed at https://platform.openai.com/docs/deprecations.",
    ),
    spoken="not-set-up",
)

OPENAI_OUT_OF_CREDIT = Fault(
    slug="openai-out-of-credit",
    severity=Severity.FATAL,
    summary="The OpenAI account has no credit left.",
    cause="The prepaid money is used up. A ChatGPT subscription does not pay for this; the API has its own credit.",
    remedy=(
        f"Open {_BILLING_PAGE} and add credit; it can take some minutes to arrive.",
        "Turn on automatic recharge there, so that Granny does not fall silent one day.",
    ),
    spoken="no-credit",
)

OPENAI_SPEND_LIMIT = Fault(
    slug="openai-spend-limit",
    severity=Severity.FATAL,
    summary="The spending limit of the OpenAI account or project is reached.",
    cause="Somebody set a limit for the month, and it is used up.",
    remedy=(
        (
            "Open https://platform.openai.com/settings/organization/limits and raise the limit, or "
            "wait for the next month."
        ),
        "Look at the project's own limit too: Settings, Project, Limits.",
    ),
    spoken="no-credit",
)

OPENAI_BILLING_INACTIVE = Fault(
    slug="openai-billing-inactive",
    severity=Severity.FATAL,
    summary="Paying is not set up, or is stopped, for the OpenAI account.",
    cause="There is no valid means of payment, or a bill could not be collected.",
    remedy=(
        f"Open {_BILLING_PAGE}, add or renew the means of payment, and pay what is open.",
        "Then wait some minutes and try again.",
    ),
    spoken="no-credit",
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

OPENAI_UNAUTHORIZED = Fault(
    slug="openai-unauthorized",
    severity=Severity.FATAL,
    summary="OpenAI refused Granny, for a reason that she does not know.",
    cause="The key, its project or its organization lacks something; or a proxy on the way changes the request.",
    remedy=(
        (f"Open {_KEYS_PAGE}: is the key still listed, and is it of the right project? If in doubt, make a new one."),
        "If a proxy or a VPN is in use, try without it.",
    ),
    spoken="not-set-up",
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
