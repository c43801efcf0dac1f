"""Section 1, fifth part: the store, in which her diary and all that must last is kept."""

from granny.faults._fault import Fault, Severity

STORE_UNAVAILABLE = Fault(
    slug="store-unavailable",
    severity=Severity.WARNING,
    summary="Granny cannot reach the database in which the diary and what must last is kept.",
    cause="Its disk is full, the file is spoilt or another user's, or the PostgreSQL server is away or refuses her.",
    remedy=(
        "Calls go on without it: what they leave is kept in memory for a while, and written when it is back.",
        "For SQLite: see that whoever starts Granny may write into GRANNY_DATA_FOLDER, and that its disk has room.",
        "For PostgreSQL: see that the server runs, and that GRANNY_DATABASE_URL has its address, user and password.",
        "If the file is spoilt: move it away, and bring back a backup with python -m granny backup --restore PATH",
    ),
)

STORE_NEWER = Fault(
    slug="store-newer",
    severity=Severity.FATAL,
    summary="The database was made by a newer Granny; this one does not know its form, and leaves it as it is.",
    cause="Granny was set back to an older version after a newer one had started, or two versions run at one database.",
    remedy=(
        "Start the newer version again.",
        "Or stay with this one: move the database away, and bring back a backup of its own, as docs/family.md tells.",
    ),
)

STORE_HALF_MADE = Fault(
    slug="store-half-made",
    severity=Severity.FATAL,
    summary="The database holds a part of Granny's tables, and not what tells their version.",
    cause="It was copied or brought back in part, or something else than Granny changed it.",
    remedy=(
        "Move it away, and bring back a whole backup: python -m granny backup --restore PATH",
        "Without a backup: move it away all the same; she begins a new one.",
    ),
)

STORE_MIGRATION_FAILED = Fault(
    slug="store-migration-failed",
    severity=Severity.FATAL,
    summary="The database could not be brought to the form that this Granny needs; it is as it was before.",
    cause="Its disk is full, its user may not change tables, or another program held it for too long.",
    remedy=(
        "See that there is room on the disk, and that her user owns the tables (PostgreSQL) or the file (SQLite).",
        "Then start Granny again: she tries it again, wholly or not at all.",
        "Or start the version that ran before: the database is still the one it knows.",
    ),
)

STORE_MIGRATION_BROKEN_OFF = Fault(
    slug="store-migration-broken-off",
    severity=Severity.WARNING,
    summary="A change of the database's form was broken off, and undone; it is made again now.",
    cause="Granny was killed, or the machine went off, while she brought the database to a new version's form.",
    remedy=("There is nothing to do, unless it happens at each start: then look into the log for what ends her.",),
)

STORE_EXPOSED = Fault(
    slug="store-exposed",
    severity=Severity.WARNING,
    summary="Other users of this machine can read the diary, or change it.",
    cause="The file was copied or made by hand, or its permissions were changed.",
    remedy=("Keep it to the user who starts Granny: chmod 600 FILE, the file that is named above.",),
)
