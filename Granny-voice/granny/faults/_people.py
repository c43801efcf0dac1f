"""Section 1, third part: the family's files, one a person."""

from granny.faults._fault import Fault, Severity

PEOPLE_FOLDER_UNREADABLE = Fault(
    slug="people-folder-unreadable",
    severity=Severity.FATAL,
    summary="The folder of the people who call cannot be read.",
    cause="It belongs to another user, or something that is no folder has its name: Docker and editors make such.",
    remedy=(
        "See that Granny-voice/people is a folder, and that the user who starts Granny may look into it.",
        "Or remove it: without it she speaks with everybody as the settings say.",
    ),
)

PERSON_FILE_UNREADABLE = Fault(
    slug="person-file-unreadable",
    severity=Severity.FATAL,
    summary="There is a file for a person, but Granny cannot read it.",
    cause="Its permissions keep her user out, it is far too large, or it is no ordinary file.",
    remedy=(
        "Make the user who starts Granny its owner, and allow that user alone to read it: chmod 600 FILE",
        "See that it is an ordinary text file of at most 32 kB. Notes may have 8 kB, which is about two pages.",
    ),
)

PERSON_FILE_ENCODING = Fault(
    slug="person-file-encoding",
    severity=Severity.FATAL,
    summary="A person's file is not stored as plain UTF-8 text, so it cannot be read.",
    cause="Notepad, Word and the > of Windows PowerShell store text otherwise (UTF-16, Windows-1252, RTF).",
    remedy=(
        "Open the file in an editor and save it again with the encoding UTF-8 (Notepad: Save as, Encoding).",
        "Or make it anew from people/anna.toml.example in a plain text editor, not in a word processor.",
    ),
)

PERSON_FILE_LINE_UNREADABLE = Fault(
    slug="person-file-line-unreadable",
    severity=Severity.FATAL,
    summary="A person's file has a line that cannot be read.",
    cause="Every line is NAME = value, and a text stands in straight quotes, as TOML has it.",
    remedy=(
        'Write the line as in people/anna.toml.example: called = "Anna"',
        'A text of several lines begins and ends with three quotes ("""). To keep a remark, begin its line with #.',
        'Inside a text a quote is written \\" and a backslash twice.',
    ),
)

PERSON_FILE_MISNAMED = Fault(
    slug="person-file-misnamed",
    severity=Severity.WARNING,
    summary="In the folder of the people there is a file that Granny does not read, for its name is not right.",
    cause="Editors like to add .txt. A person's file is named after the person, and ends in .toml.",
    remedy=(
        "Rename it, as in anna.toml: letters, digits, spaces, dots and hyphens, at most 64, then .toml.",
        "On Windows, first let Explorer show endings: View, Show, File name extensions.",
        "If it is nobody's, move it out of the folder.",
    ),
)

PERSON_FILE_EXPOSED = Fault(
    slug="person-file-exposed",
    severity=Severity.WARNING,
    summary="Other users of this machine can read what the family wrote about a person, or change it.",
    cause="Files are usually made so that everybody on the machine may read them; some folders let everybody write.",
    remedy=(
        "Keep the files to yourself: chmod 600 Granny-voice/people/*.toml",
        "If it is the folder that is open to all: chmod 700 Granny-voice/people",
    ),
)

PERSON_FILE_TRACKED = Fault(
    slug="person-file-tracked",
    severity=Severity.WARNING,
    summary="Git keeps a person's file, or would with the next commit: it is on its way to others.",
    cause="The file was added to the repository, or no line in .gitignore leaves it out.",
    remedy=(
        "Take it out of the repository, the file itself stays: git rm --cached Granny-voice/people/*.toml",
        "See that .gitignore has the lines Granny-voice/people/* and !Granny-voice/people/*.example.",
    ),
)

PERSON_KEY_UNKNOWN = Fault(
    slug="person-key-unknown",
    severity=Severity.WARNING,
    summary="A person's file has a name in it that Granny does not know; what it says is passed over.",
    cause="A name must be written exactly, and none of them may stand below a heading in [square brackets].",
    remedy=("Write it as people/anna.toml.example does, or remove the line.",),
)

PERSON_VALUE_INVALID = Fault(
    slug="person-value-invalid",
    severity=Severity.FATAL,
    summary="In a person's file {variable} has a value that Granny cannot use.",
    cause="Each name there has values that make sense; this one is outside of them.",
    remedy=(
        "Give {variable} an allowed value; README.md lists them all.",
        "Or remove the line: without it, what the settings say holds for this person, too.",
    ),
)

PERSON_NUMBER_TWICE = Fault(
    slug="person-number-twice",
    severity=Severity.FATAL,
    summary="Two people have the same telephone number, so that nobody could tell them apart.",
    cause="A file was copied for the next person, and the number stayed in it; or two share a telephone.",
    remedy=(
        "Leave the number with the one who calls from it, and remove it from the other's file.",
        "For two who share a telephone make one file for both: by the number nobody can tell which of them it is.",
    ),
)
