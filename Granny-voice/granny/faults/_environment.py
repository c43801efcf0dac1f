"""Section 1, first half: what is installed, the env file, and the port."""

from granny.faults._fault import Fault, Severity

DEPENDENCY_MISSING = Fault(
    slug="dependency-missing",
    severity=Severity.FATAL,
    summary="A program that Granny is built on is not installed.",
    cause="The set-up was not run, or it was run for another Python than the one that started Granny.",
    remedy=(
        "Open a terminal in Granny's top folder (the one with README.md) and run: uv sync",
        "Then start her with uv run in front, as in: uv run python Granny-voice/agent.py dev",
    ),
)

PORT_IN_USE = Fault(
    slug="port-in-use",
    severity=Severity.FATAL,
    summary="The port in {variable} is taken by another program.",
    cause="Most often another Granny is already running on this machine.",
    remedy=(
        "Stop the other Granny, or whatever program uses the port.",
        "Or give this one another port: {variable}=8082 in Granny-voice/.env.local.",
    ),
)

ENV_FILE_MISSING = Fault(
    slug="env-file-missing",
    severity=Severity.FATAL,
    summary="There is no .env.local file, and not everything is set in the environment either.",
    cause="Granny reads her keys from a text file named .env.local beside agent.py; it was not made yet.",
    remedy=(
        "Copy .env.local.example to Granny-voice/.env.local (the name begins with a dot).",
        "Open the copy in a text editor, and put your own values in place of the examples.",
    ),
    spoken="not-set-up",
)

ENV_FILE_MISNAMED = Fault(
    slug="env-file-misnamed",
    severity=Severity.FATAL,
    summary="The settings are in a file that Granny does not read: its name or folder is not right.",
    cause="Editors like to add .txt, the leading dot gets lost, or the file lies one folder too high.",
    remedy=(
        "Rename or move it, so that it is exactly Granny-voice/.env.local (with the dot, without .txt).",
        "On Windows, first let Explorer show endings: View, Show, File name extensions.",
    ),
    spoken="not-set-up",
)

ENV_FILE_IS_DIRECTORY = Fault(
    slug="env-file-is-directory",
    severity=Severity.FATAL,
    summary="Where the env file should be there is something that is no file.",
    cause="Docker makes an empty folder when told to mount a missing file; or a link leads nowhere.",
    remedy=(
        "Stop the container if there is one, and remove that folder or link.",
        "Make the file: copy .env.local.example to that place, and put your own values in.",
    ),
    spoken="not-set-up",
)

ENV_FILE_UNREADABLE = Fault(
    slug="env-file-unreadable",
    severity=Severity.FATAL,
    summary="The env file is there, but Granny cannot read it.",
    cause="It belongs to another user, its permissions keep this user out, or it is no ordinary text file.",
    remedy=(
        "Make the user who starts Granny its owner (Linux, macOS: sudo chown $USER Granny-voice/.env.local).",
        "Allow that user alone to read it: chmod 600 Granny-voice/.env.local",
    ),
    spoken="not-set-up",
)

ENV_FILE_ENCODING = Fault(
    slug="env-file-encoding",
    severity=Severity.FATAL,
    summary="The env file is not stored as plain UTF-8 text, so it cannot be read.",
    cause="Notepad, Word and the > of Windows PowerShell store text otherwise (UTF-16, Windows-1252, RTF).",
    remedy=(
        "Open the file in an editor and save it again with the encoding UTF-8 (Notepad: Save as, Encoding).",
        "Or make it anew from .env.local.example in a plain text editor, not in a word processor.",
    ),
    spoken="not-set-up",
)

ENV_FILE_LINE_UNREADABLE = Fault(
    slug="env-file-line-unreadable",
    severity=Severity.FATAL,
    summary="The env file has a line that cannot be read; what it sets is lost.",
    cause="Every line must be NAME=value. Commands of a shell, JSON, YAML and unclosed quotes are not.",
    remedy=(
        "Write the line as NAME=value: name, equals sign, value; no quotes, no colon, nothing else.",
        "One line for each name. To keep a note, begin its line with #.",
    ),
    spoken="not-set-up",
)

ENV_FILE_QUOTES = Fault(
    slug="env-file-quotes",
    severity=Severity.WARNING,
    summary="The env file has quotes round a value.",
    cause="Granny reads them rightly, but docker run --env-file would make them part of the value.",
    remedy=("Take the quotes away; no value that Granny needs has a use for them.",),
)

ENV_FILE_DISABLED = Fault(
    slug="env-file-disabled",
    severity=Severity.WARNING,
    summary="PYTHON_DOTENV_DISABLED is set, but Granny reads her env files all the same.",
    cause="That variable stops some programs from reading env files, but not what reads Granny's settings.",
    remedy=(
        "If the values are to come from the env file, unset PYTHON_DOTENV_DISABLED.",
        "If they are not, remove the env file.",
    ),
)

ENV_FILE_TRACKED = Fault(
    slug="env-file-tracked",
    severity=Severity.WARNING,
    summary="Git keeps the env file, or would with the next commit: your keys are on their way to others.",
    cause="The file was added to the repository, or no line in .gitignore leaves it out.",
    remedy=(
        "Take it out of the repository, the file itself stays: git rm --cached Granny-voice/.env.local",
        "See that .gitignore has the lines .env* and !.env.local.example.",
        "If it was ever pushed, make new keys and delete the old ones: what was public stays public.",
    ),
)

ENV_FILE_EXPOSED = Fault(
    slug="env-file-exposed",
    severity=Severity.WARNING,
    summary="Other users of this machine can read the env file with the keys in it, or change it.",
    cause="Files are usually made so that everybody on the machine may read them; some folders let everybody write.",
    remedy=(
        "Keep the file to yourself: chmod 600 Granny-voice/.env.local",
        "If it is the folder that is open to all: chmod o-w Granny-voice",
    ),
)

SECRETS_FOLDER_UNREADABLE = Fault(
    slug="secrets-folder-unreadable",
    severity=Severity.FATAL,
    summary="The folder that GRANNY_SECRETS_FOLDER names cannot be read.",
    cause="It is not there, it is no folder, or Granny's user may not look into it: perhaps nothing was mounted.",
    remedy=(
        "See that the secrets are mounted there (Kubernetes: volumeMounts, systemd: LoadCredential=).",
        "See that Granny's user may read it (Kubernetes: fsGroup of the pod, defaultMode of the volume).",
        "Or remove GRANNY_SECRETS_FOLDER, and set the values in the environment or in Granny-voice/.env.local.",
    ),
    spoken="not-set-up",
)

SECRET_FILE_UNREADABLE = Fault(
    slug="secret-file-unreadable",
    severity=Severity.FATAL,
    summary="There is a secret file for {variable}, but Granny cannot read it.",
    cause="Its permissions keep her user out, it is not UTF-8 text, or a folder has its name: Docker makes one where "
    "the file is missing.",
    remedy=(
        "See that it is an ordinary file of UTF-8 text which holds the value alone.",
        "See that Granny's user may read it (Kubernetes: fsGroup: 10001 of the pod, defaultMode: 0440 of the volume).",
    ),
    spoken="not-set-up",
)

SECRET_FILE_EXPOSED = Fault(
    slug="secret-file-exposed",
    severity=Severity.WARNING,
    summary="Others than Granny's user can read the secret file of {variable}, or change it.",
    cause="Kubernetes lets everybody in the container read a secret unless told otherwise; so do most programs.",
    remedy=(
        "In Kubernetes: defaultMode: 0440 of the volume, with fsGroup: 10001 of the pod.",
        "On a machine of your own: make Granny's user the owner of the file, and chmod 400 it.",
        "If it is the folder that is open to all: chmod o-w it.",
    ),
)

ENV_NAME_MISSPELT = Fault(
    slug="env-name-misspelt",
    severity=Severity.FATAL,
    summary="{variable} is not set, but a name very much like it is.",
    cause="A name must be written exactly: capital letters, underscores, nothing before or after it.",
    remedy=("Change the name to exactly {variable}, best by copying it from here.",),
    spoken="not-set-up",
)

SETTING_INVALID = Fault(
    slug="setting-invalid",
    severity=Severity.FATAL,
    summary="{variable} has a value that Granny cannot use.",
    cause="Each setting has values that make sense; this one is outside of them.",
    remedy=(
        "Give {variable} an allowed value; README.md lists them all.",
        "Or remove the line: without it, a sensible value is taken.",
    ),
    spoken="not-set-up",
)
