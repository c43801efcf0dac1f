"""Section 3, first half: what OpenAI says of the key, the account and the model."""

from granny.faults._fault import Fault, Severity

_KEYS_PAGE = "https://platform.openai.com/api-keys"
_BILLING_PAGE = "https://platform.openai.com/settings/organization/billing"

OPENAI_KEY_REJECTED = Fault(
    slug="openai-key-rejected",
    severity=Severity.FATAL,
    summary="OpenAI does not accept the key in OPENAI_API_KEY.",
    cause="The key was deleted or replaced, or was not copied whole.",
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

OPENAI_WRONG_REGION = Fault(
    slug="openai-wrong-region",
    severity=Severity.FATAL,
    summary="This OpenAI account keeps its data in one region, and must be asked at the address of that region.",
    cause="The OpenAI project was made for the EU, the US or another region, and its key works at that address alone.",
    remedy=(
        "If the line above names an address, it is the right one. A new key of the same project cannot help.",
        "For the EU, write this line into Granny-voice/.env.local: OPENAI_BASE_URL=https://eu.api.openai.com/v1",
        "For the US, write this one: OPENAI_BASE_URL=https://us.api.openai.com/v1 (and so for other regions).",
        "If OpenAI asks for api.openai.com, with nothing before it: remove OPENAI_BASE_URL.",
    ),
    spoken="not-set-up",
)

OPENAI_ORGANISATION_MISMATCH = Fault(
    slug="openai-organisation-mismatch",
    severity=Severity.FATAL,
    summary="OpenAI was told the name of an organization or a project that the key does not belong to.",
    cause="Granny names neither; something on the way adds the header OpenAI-Organization or OpenAI-Project.",
    remedy=(
        "If OPENAI_BASE_URL is set and you did not mean it: remove it, and Granny asks OpenAI itself.",
        (
            "If it leads to a gateway of your own: remove OPENAI_ORG_ID and OPENAI_PROJECT_ID (or "
            "OPENAI_ORGANIZATION) from the gateway's settings, or set them to those of the key."
        ),
        "A new key cannot help, unless you make it in the organization or project that the gateway names.",
    ),
    spoken="not-set-up",
)

OPENAI_ACCOUNT_CLOSED = Fault(
    slug="openai-account-closed",
    severity=Severity.FATAL,
    summary="OpenAI has closed the account that the key belongs to.",
    cause="OpenAI deactivates accounts, for instance after a payment that failed or for a breach of its rules.",
    remedy=(
        "Look for an e-mail from OpenAI to the owner of the account; it says why.",
        "Write to OpenAI's support at https://help.openai.com. A new key of the same account cannot help.",
        "Or use a key of another account that is in good order.",
    ),
    spoken="not-set-up",
)

OPENAI_ORGANISATION_UNVERIFIED = Fault(
    slug="openai-organisation-unverified",
    severity=Severity.FATAL,
    summary="OpenAI gives the voice model in GRANNY_MODEL to verified organizations only, and yours is not one yet.",
    cause="For some models OpenAI wants to know who uses them; one person of the organization shows an identity card.",
    remedy=(
        (
            "Open https://platform.openai.com/settings/organization/general, choose Verify Organization, "
            "and wait 15 minutes after it is done."
        ),
        "If GRANNY_MODEL is set, you can remove it instead, and so take Granny's own choice.",
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
