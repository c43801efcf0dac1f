"""Section 1, fourth part: her page, and the links to it."""

from granny.faults._fault import Fault, Severity

PAGE_URL_INSECURE = Fault(
    slug="page-url-insecure",
    severity=Severity.WARNING,
    summary="Nobody can talk on her page at this address: a browser gives no microphone to a page without https.",
    cause="Browsers trust a page with the microphone if it comes by https, or from the very machine they run on.",
    remedy=(
        "Give the page https: docs/page.md tells how; at home Tailscale is the shortest way.",
        "Then set its new address in Granny-voice/.env.local, as in GRANNY_PAGE_URL=https://granny.example.",
        "On the machine itself it works without: open http://127.0.0.1:8080 there, and leave GRANNY_PAGE_URL out.",
    ),
)

PAGE_WITHOUT_LINKS = Fault(
    slug="page-without-links",
    severity=Severity.WARNING,
    summary="There is no link to her page yet, so nobody can call her from it.",
    cause="None was made, or the page looks for them in another folder than the one in which they were made.",
    remedy=(
        "Make one while the page runs, it knows it at once: python -m granny link NAME",
        "If there are links: give the page the same GRANNY_DATA_FOLDER, and the same user, as they were made with.",
    ),
)

DATA_FOLDER_UNUSABLE = Fault(
    slug="data-folder-unusable",
    severity=Severity.FATAL,
    summary="Granny cannot use the folder for what must last, in which the links to her page are kept.",
    cause="It belongs to another user, a file has its name, the disk is full or read-only, or her user has no home.",
    remedy=(
        "Name one that the user who starts Granny may write into: GRANNY_DATA_FOLDER=… in Granny-voice/.env.local.",
        "Or make that user its owner: chown -R USER FOLDER",
    ),
)

DATA_FOLDER_EXPOSED = Fault(
    slug="data-folder-exposed",
    severity=Severity.WARNING,
    summary="Other users of this machine can see who has a link to her page, or make links of their own.",
    cause="The folder was copied or made by hand, or its permissions were changed.",
    remedy=("Keep it to the user who starts Granny: chmod -R go= FOLDER, the folder that is named above.",),
)

LINK_UNREADABLE = Fault(
    slug="link-unreadable",
    severity=Severity.WARNING,
    summary="A link to her page cannot be read any more, so whoever has it cannot call.",
    cause="It is one of an older version's, which kept each as a file: that was changed, emptied by a full disk, or "
    "belongs to another user, so it could not be taken over.",
    remedy=(
        "If it belongs to another user, make the one who starts Granny its owner: chown -R USER FOLDER",
        "Or take it back and make a new one: python -m granny link --revoke ID, then python -m granny link NAME",
    ),
)

LINK_PERSON_UNKNOWN = Fault(
    slug="link-person-unknown",
    severity=Severity.WARNING,
    summary="A link to her page is for a person of whom there is no file, so she speaks as the settings say.",
    cause="The person's file was renamed or removed after the link was made.",
    remedy=(
        "Give the file its name back, in Granny-voice/people.",
        "Or take the link back: python -m granny link --revoke NAME",
    ),
)
