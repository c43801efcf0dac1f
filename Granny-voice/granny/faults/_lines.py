"""Section 1, fourth part: what callers would hear of her recorded lines."""

from granny.faults._fault import Fault, Severity

GREETING_WITHOUT_DISCLOSURE = Fault(
    slug="greeting-without-disclosure",
    severity=Severity.WARNING,
    summary="The family's greeting, or another line that is heard first, does not say that Granny is a computer.",
    cause="It was recorded as one greets a friend; who hears it may take her for a person, which several laws forbid.",
    remedy=(
        "Record it again with such words, and write them into the .txt file: This is Granny, your computer companion.",
        "If the recording says it and the .txt file does not: write down what is said.",
    ),
)

LINES_NOT_IN_LANGUAGE = Fault(
    slug="lines-not-in-language",
    severity=Severity.WARNING,
    summary="Some recorded lines would be heard in English in calls of another language.",
    cause="There is no recording of them in that language, and nothing from which Granny could make one.",
    remedy=(
        "Copy the .txt files of Granny-voice/granny/lines/en into a folder, number/number.txt too, and translate them.",
        "Name the folder in GRANNY_LINES_FOLDER; she records them in her own voice after the next start.",
        "With GRANNY_OWN_VOICE=off: put a recording of each into that folder, too, or set it to on.",
        "Recordings of emergency and crisis say the number to ring, and so do the words beside them.",
        "For a person whose language is not that of GRANNY_LANGUAGE only shipped lines are found: en and de.",
    ),
)
