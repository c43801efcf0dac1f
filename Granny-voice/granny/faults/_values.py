"""Section 1, second half: the values of the variables, whether from a file or from the environment."""

from granny.faults._fault import Fault, Severity

_OPENAI_KEYS = "https://platform.openai.com/api-keys"
_LIVEKIT_KEYS = "https://cloud.livekit.io (your project, Settings, API keys)"
_COPY_AGAIN = "Copy the value once more from where you got it, with the copy button, and paste it after {variable}="

OPENAI_KEY_MISSING = Fault(
    slug="openai-key-missing",
    severity=Severity.FATAL,
    summary="OPENAI_API_KEY environment variable is required, and it is not set.",
    cause="Granny speaks with OpenAI's voice, and OpenAI asks for a key.",
    remedy=(
        f"Make a key at {_OPENAI_KEYS} (a secret key, it begins with sk-).",
        "Write it into Granny-voice/.env.local as OPENAI_API_KEY=, without spaces or quotes.",
    ),
    spoken="not-set-up",
)

LIVEKIT_URL_MISSING = Fault(
    slug="livekit-url-missing",
    severity=Severity.FATAL,
    summary="LIVEKIT_URL environment variable is required, and it is not set.",
    cause="Calls take place on a LiveKit server, and Granny must know its address.",
    remedy=(
        f"Find the address at {_LIVEKIT_KEYS}; it begins with wss://.",
        "Write it into Granny-voice/.env.local as LIVEKIT_URL=",
        "With your own server on this machine it is ws://localhost:7880.",
    ),
    spoken="not-set-up",
)

LIVEKIT_KEY_MISSING = Fault(
    slug="livekit-key-missing",
    severity=Severity.FATAL,
    summary="LIVEKIT_API_KEY environment variable is required, and it is not set.",
    cause="The LiveKit server lets Granny in with a key and a secret that belong together.",
    remedy=(
        f"Find or make the key at {_LIVEKIT_KEYS}; it begins with API.",
        "Write it into Granny-voice/.env.local as LIVEKIT_API_KEY=",
    ),
    spoken="not-set-up",
)

LIVEKIT_SECRET_MISSING = Fault(
    slug="livekit-secret-missing",
    severity=Severity.FATAL,
    summary="LIVEKIT_API_SECRET environment variable is required, and it is not set.",
    cause="The LiveKit server lets Granny in with a key and a secret that belong together.",
    remedy=(
        f"Make a key at {_LIVEKIT_KEYS}; its secret is shown once, when it is made.",
        "Write it into Granny-voice/.env.local as LIVEKIT_API_SECRET=",
    ),
    spoken="not-set-up",
)

VALUE_EMPTY = Fault(
    slug="value-empty",
    severity=Severity.FATAL,
    summary="{variable} is set, but there is nothing in it.",
    cause="The line was prepared and not filled in, or an empty variable in the shell outranks the file.",
    remedy=(
        "Write the value right after {variable}= in Granny-voice/.env.local, on the same line.",
        "If the place named above is the environment: unset {variable} there.",
    ),
    spoken="not-set-up",
)

VALUE_PLACEHOLDER = Fault(
    slug="value-placeholder",
    severity=Severity.FATAL,
    summary="{variable} still holds an example, not a value of your own.",
    cause="The example was copied and not replaced, or a shortened form or a mere word was put in its place.",
    remedy=("Replace all that stands after {variable}= with your own value, in full.",),
    spoken="not-set-up",
)

VALUE_QUOTED = Fault(
    slug="value-quoted",
    severity=Severity.FATAL,
    summary="{variable} has quotes that become part of the value.",
    cause="docker run --env-file keeps quotes, and so do editors that turn them into curly ones.",
    remedy=("Write the value of {variable} without any quotes.",),
    spoken="not-set-up",
)

VALUE_WHITESPACE = Fault(
    slug="value-whitespace",
    severity=Severity.FATAL,
    summary="{variable} has a space or a line break in its value.",
    cause="It was copied together with something before, inside or after it.",
    remedy=(_COPY_AGAIN, "See that it stands on one line, with no space in it and no quotes round it."),
    spoken="not-set-up",
)

VALUE_WRAPPED = Fault(
    slug="value-wrapped",
    severity=Severity.FATAL,
    summary="{variable} is broken over two lines, and only the first counts.",
    cause="Programs that make or send secrets break long ones: base64 after 64 or 76 characters, e-mails too.",
    remedy=(
        "Join the two lines: put the cursor at the end of the first, and press the Delete key until they are one.",
        "To make a secret that stays on one line: openssl rand -hex 32",
    ),
    spoken="not-set-up",
)

VALUE_INVISIBLE_CHARACTER = Fault(
    slug="value-invisible-character",
    severity=Severity.FATAL,
    summary="{variable} has a character in its value that does not belong there, perhaps an invisible one.",
    cause="Web pages, chats and PDFs put in invisible characters, and turn hyphens into dashes.",
    remedy=("Delete the whole line and type the name again.", _COPY_AGAIN),
    spoken="not-set-up",
)

VALUE_EXPANDED = Fault(
    slug="value-expanded",
    severity=Severity.FATAL,
    summary="A part of {variable}'s value is lost while the env file is read.",
    cause="In an env file ${NAME} stands for another variable, and a # after a space begins a comment.",
    remedy=(
        "If the value really contains a # after a space, put single quotes round the whole value.",
        "If it contains ${{, set {variable} in the environment instead, or make a new secret without it.",
        "If it was meant to refer to another variable, set that one too, above this line.",
    ),
    spoken="not-set-up",
)

VALUE_PASTED_WRONG = Fault(
    slug="value-pasted-wrong",
    severity=Severity.FATAL,
    summary="{variable} has more in it than its value, or the value of something else.",
    cause="Too much was copied (a name, Bearer, a comma), or the line break between two lines got lost.",
    remedy=(
        "See that the line has {variable}= once, then the value alone, then a line break.",
        _COPY_AGAIN,
    ),
    spoken="not-set-up",
)

VALUE_DUPLICATED = Fault(
    slug="value-duplicated",
    severity=Severity.WARNING,
    summary="{variable} stands more than once in the same file, with different values; the last one counts.",
    cause="A new value was added, and the old line was left.",
    remedy=("Delete the lines of {variable} that are out of date.",),
)

VALUE_SHADOWED = Fault(
    slug="value-shadowed",
    severity=Severity.WARNING,
    summary="{variable} is set in the environment and, differently, in a file; the environment wins.",
    cause="It was once set in the shell, the system's settings or an editor; changing the file does nothing.",
    remedy=(
        "To let the file count, run: unset {variable} (in PowerShell: Remove-Item Env:{variable})",
        "If it comes back in a new terminal, remove it from the system's settings or the shell's start file.",
        "If the environment is right, delete the line from the file.",
    ),
)

OPENAI_KEY_OTHER_PROVIDER = Fault(
    slug="openai-key-other-provider",
    severity=Severity.FATAL,
    summary="OPENAI_API_KEY holds a key of another company than OpenAI.",
    cause="Keys of several services were at hand, and another one's was copied.",
    remedy=(f"Make a key at {_OPENAI_KEYS}, and put it in place of this one.",),
    spoken="not-set-up",
)

OPENAI_KEY_WRONG_KIND = Fault(
    slug="openai-key-wrong-kind",
    severity=Severity.FATAL,
    summary="OPENAI_API_KEY holds a key of OpenAI's that cannot be used for calls.",
    cause="Admin keys may not use any model, and session keys stop working after a short time.",
    remedy=(f"Make a project key (it begins with sk-proj-) at {_OPENAI_KEYS}, and use that one.",),
    spoken="not-set-up",
)

OPENAI_KEY_FORMAT = Fault(
    slug="openai-key-format",
    severity=Severity.WARNING,
    summary="OPENAI_API_KEY does not look like a key of OpenAI's.",
    cause="OpenAI's keys begin with sk- and hold only letters, digits, - and _. Perhaps it was not copied exactly.",
    remedy=(f"If OpenAI refuses it, copy the key again from {_OPENAI_KEYS}, from sk- to its end.",),
)

OPENAI_AZURE_LEFTOVER = Fault(
    slug="openai-azure-leftover",
    severity=Severity.FATAL,
    summary="OPENAI_API_VERSION is set, which makes the OpenAI library speak to Microsoft Azure instead.",
    cause="It is left over from another project; Granny talks to OpenAI itself.",
    remedy=(
        "Remove OPENAI_API_VERSION from the place named above.",
        "AZURE_OPENAI_ENDPOINT, if set, is not needed either.",
    ),
    spoken="not-set-up",
)

OPENAI_BASE_URL_INVALID = Fault(
    slug="openai-base-url-invalid",
    severity=Severity.FATAL,
    summary="OPENAI_BASE_URL is no address that Granny can use.",
    cause="It must be a whole address that ends in /v1; the library adds /realtime to nothing else.",
    remedy=(
        "For OpenAI itself, remove the variable: the right address is known.",
        "If your OpenAI account keeps its data in the EU: OPENAI_BASE_URL=https://eu.api.openai.com/v1",
        "For another server write it in full, as in https://host/v1",
    ),
    spoken="not-set-up",
)

OPENAI_BASE_URL_FOREIGN = Fault(
    slug="openai-base-url-foreign",
    severity=Severity.WARNING,
    summary="OPENAI_BASE_URL leads to another server than OpenAI's; the key and every call go there.",
    cause="It was set on purpose, for a proxy or a test, or it is left over from another project.",
    remedy=("If you did not mean this, remove OPENAI_BASE_URL.",),
)

LIVEKIT_URL_INVALID = Fault(
    slug="livekit-url-invalid",
    severity=Severity.FATAL,
    summary="LIVEKIT_URL is no address of a LiveKit server.",
    cause="It must be wss:// (or ws:// on your own network), the server's name, and perhaps a port; no more.",
    remedy=(
        f"Copy the address from {_LIVEKIT_KEYS}: LIVEKIT_URL=wss://…",
        "With your own server on this machine it is LIVEKIT_URL=ws://localhost:7880",
    ),
    spoken="not-set-up",
)

LIVEKIT_UNENCRYPTED = Fault(
    slug="livekit-unencrypted",
    severity=Severity.WARNING,
    summary="{variable} leads over the internet without encryption: whoever is on the way can listen.",
    cause="It begins with ws:// or http://. The pass that Granny shows there is good for hours, and a key for longer. "
    "On this machine and in a network of your own that is fine: a private address, a name of one word, or one that "
    "ends in .local, .internal, .lan and the like.",
    remedy=(
        "Write wss:// in place of ws://, or https:// in place of http://, if the server offers it.",
        "With a server of your own: put it behind a web server that has a certificate, such as Caddy.",
        "If that name leads into a private network of yours, there is nothing to do.",
    ),
)

LIVEKIT_KEY_SECRET_SWAPPED = Fault(
    slug="livekit-key-secret-swapped",
    severity=Severity.FATAL,
    summary="LiveKit's key and secret are in each other's place.",
    cause="The two were copied in the wrong order. The key is the short one that begins with API.",
    remedy=("Let LIVEKIT_API_KEY and LIVEKIT_API_SECRET change places.",),
    spoken="not-set-up",
)

BUDGET_WITHOUT_PRICES = Fault(
    slug="budget-without-prices",
    severity=Severity.WARNING,
    summary="A month's budget is set, and nobody can know what a call costs: it will never be reached.",
    cause="GRANNY_PRICE_INPUT or GRANNY_PRICE_OUTPUT is not set.",
    remedy=(
        "Set both, as https://platform.openai.com/docs/pricing has them for the model: dollars for a million tokens.",
        "Or take GRANNY_MONTHLY_BUDGET out.",
    ),
)
