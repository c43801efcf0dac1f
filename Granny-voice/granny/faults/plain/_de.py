"""In German."""

_CHECK = "Starten Sie dort, wo sie installiert ist, die Prüfung: python -m granny check. Sie sagt, was zu ändern ist."
_LOG = "Wenn es wieder vorkommt, suchen Sie in ihrem Protokoll die Zeile „call ended“."

FAULTS = {
    "not-set-up": ("An Grannys Einrichtung stimmt etwas nicht, oder es wurde abgelehnt.", _CHECK),
    "openai-key-rejected": (
        "OpenAI nimmt Grannys Schlüssel nicht an.",
        "Legen Sie unter platform.openai.com/api-keys einen neuen an, und setzen Sie ihn bei OPENAI_API_KEY ein.",
    ),
    "openai-account-closed": (
        "OpenAI hat das Konto geschlossen.",
        "Melden Sie sich bei platform.openai.com an: Dort steht der Grund, und an wen Sie sich wenden können.",
    ),
    "openai-model-unavailable": ("OpenAI bietet diesem Konto die Stimme nicht an, die Granny benutzt.", _CHECK),
    "openai-model-retiring": (
        "OpenAI schaltet das Modell bald ab, mit dem Granny spricht.",
        "Setzen Sie GRANNY_MODEL auf ein neueres: platform.openai.com/docs/deprecations",
    ),
    "no-credit": (
        "Das Guthaben bei OpenAI ist aufgebraucht, oder eine Zahlung ging nicht durch.",
        "Sehen Sie unter platform.openai.com/settings/organization/billing nach, und laden Sie Guthaben auf.",
    ),
    "openai-spend-limit": (
        "Die Ausgabengrenze bei OpenAI ist erreicht.",
        "Erhöhen Sie sie unter platform.openai.com/settings/organization/limits, oder warten Sie bis zum Ersten.",
    ),
    "budget-spent": (
        "Was Gespräche in diesem Monat kosten dürfen, ist verbraucht. Granny nimmt keine neuen an.",
        "Erhöhen Sie GRANNY_MONTHLY_BUDGET, und starten Sie Granny neu; sonst nimmt sie am Ersten wieder Anrufe an.",
    ),
    "cannot-reach-voice": (
        "OpenAI oder der Weg dorthin war nicht zu erreichen.",
        "Meist geht das von selbst vorüber. Wenn nicht: Geht bei ihr das Internet? Was sagt status.openai.com?",
    ),
    "openai-rate-limited": (
        "OpenAI wurde öfter gefragt, als diesem Konto erlaubt ist.",
        "Das geht von selbst vorüber. Kommt es oft vor, bringen Sie das Konto bei OpenAI auf eine höhere Stufe.",
    ),
    "livekit-unreachable": (
        "Der LiveKit-Server, über den die Anrufe laufen, war nicht zu erreichen.",
        "Läuft er, und geht das Internet? python -m granny check fragt ihn.",
    ),
    "livekit-connection-lost": (
        "Die Leitung zwischen Granny und dem LiveKit-Server ist abgebrochen.",
        "Einmal ist keinmal. Kommt es oft vor, ist bei einem der beiden das Netz schlecht.",
    ),
    "no-answer": (
        "Granny ist eine Antwort verloren gegangen, und sie hat gebeten, es noch einmal zu sagen.",
        "Einmal ist keinmal. " + _LOG,
    ),
    "call-no-first-word": ("Granny war im Gespräch und fand keine Worte.", _LOG),
    "call-unheard": (
        "Grannys Stimme ist nicht bis zum Gerät durchgekommen.",
        "In docs/page.md steht unter „The sound's way“, woran das meist liegt.",
    ),
    "are-you-still-there": (
        "Vom Mikrofon kam kein Ton.",
        "Ist es stumm, oder von der Hülle verdeckt? Darf die Seite es auf dem Tablet benutzen?",
    ),
    "goodbye": ("Lange hatte niemand gesprochen. Da hat Granny sich verabschiedet.", "Es ist nichts zu tun."),
    "time-is-up": (
        "Die längste Zeit für ein Gespräch war um.",
        "Für längere: longest_call in der Datei der Person, oder GRANNY_MAX_CALL_MINUTES.",
    ),
    "worker-stopping": (
        "Granny wurde während eines Gesprächs angehalten, etwa für ein Update.",
        "Es ist nichts zu tun.",
    ),
    "worker-died": (
        "Das Programm, in dem Granny läuft, ist unerwartet zu Ende gegangen.",
        "Reicht der Arbeitsspeicher? " + _LOG,
    ),
    "job-died": (
        "Der Prozess eines Gesprächs ist unerwartet zu Ende gegangen; ein anderer hat es weitergeführt.",
        "Reicht der Arbeitsspeicher? " + _LOG,
    ),
    "line-lost": (
        "Die Leitung ist abgebrochen und nicht wiedergekommen.",
        "Ist das WLAN dort gut, wo das Tablet steht?",
    ),
    "emergency-named": (
        "In einem Gespräch fielen Worte, die einen Notfall bedeuten können.",
        "Rufen Sie jetzt dort an. Granny hat die Notrufnummer genannt; sie kann sich verhört haben.",
    ),
    "crisis-named": (
        "In einem Gespräch fielen Worte, die davon handeln können, nicht mehr leben zu wollen.",
        "Rufen Sie jetzt dort an, und hören Sie zu. Granny hat genannt, wer hilft; sie kann sich verhört haben.",
    ),
    "person-not-reached": (
        "Granny hat angerufen und nicht erreicht, wen sie erreichen sollte.",
        "Rufen Sie selbst dort an.",
    ),
    "no-call": (
        "Seit Tagen hat jemand nicht angerufen, der es sonst tut.",
        "Fragen Sie, ob dort alles in Ordnung ist. Kommt ein Anruf von dem Tablet oder Telefon noch durch?",
    ),
    "calls-died": (
        "Innerhalb einer Stunde sind drei Gespräche abgebrochen.",
        "Rufen Sie Granny einmal selbst an. " + _LOG,
    ),
    "line-not-recorded": (
        "Einige von Grannys Sätzen ließen sich nicht mit ihrer eigenen Stimme aufnehmen.",
        "Anrufer hören andere an deren Stelle. Versuchen Sie es noch einmal: python -m granny record",
    ),
    "certificate-ending": (
        "Ein Zertifikat läuft bald ab; danach erreicht dort niemand mehr Granny.",
        "Erneuern Sie es, und sehen Sie nach, warum es sich nicht selbst erneuert.",
    ),
    "budget-nearly-spent": (
        "Vier Fünftel dessen, was Gespräche in diesem Monat kosten dürfen, sind verbraucht.",
        "Wenn das seine Richtigkeit hat, erhöhen Sie GRANNY_MONTHLY_BUDGET.",
    ),
    "budget-reached": (
        "Was Gespräche in diesem Monat kosten dürfen, ist verbraucht. Granny nimmt trotzdem Anrufe an.",
        "Erhöhen Sie GRANNY_MONTHLY_BUDGET, oder setzen Sie GRANNY_OVER_BUDGET=refuse, und starten Sie sie neu.",
    ),
    "alerts-held-back": ("Es gab mehr zu melden, als an einem Tag gesendet wird.", _CHECK),
    "alerts-undelivered": (
        "Meldungen ließen sich nicht zustellen.",
        "Was jeder Dienst dazu sagt, zeigt dort, wo sie installiert ist: python -m granny alert test",
    ),
    "heartbeat-unheard": (
        "Der Dienst, der auf Grannys Lebenszeichen achtet, nimmt es nicht an.",
        "Vergleichen Sie GRANNY_HEARTBEAT_URL mit der Adresse, die der Dienst anzeigt.",
    ),
    "something-went-wrong": ("Bei Granny selbst ist etwas schiefgegangen.", _LOG),
}
