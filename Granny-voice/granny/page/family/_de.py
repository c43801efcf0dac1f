"""The family's page in German."""

from granny.page.family._words import Words

GERMAN = Words(
    title="{granny}",
    title_with="{granny} und {called}",
    states={
        "well": "{granny} geht es gut. Sie würde jetzt abheben.",
        "busy": "{granny} geht es gut. Alle Leitungen sind besetzt; wer jetzt anruft, wird gebeten zu warten.",
        "starting": "{granny} fährt gerade hoch.",
        "stopping": "{granny} wird gerade angehalten oder neu gestartet.",
        "fault": "{granny} geht es nicht gut. Wer jetzt anruft, hört das von ihr.",
        "unreachable": "{granny} antwortet dieser Seite nicht. Sie ist aus, oder sie läuft, wo die Seite sie nicht "
        "fragen kann.",
    },
    somebody="Jemand",
    last_call="{who} hat zuletzt am {when} angerufen, {time} lang.",
    no_call_yet="Noch ist kein Anruf verzeichnet.",
    days="Die letzten 30 Tage",
    in_all="{calls} an {days}, zusammen {time}. {troubled}",
    calls=("1 Anruf", "{n} Anrufe"),
    on_days=("1 Tag", "{n} Tagen"),
    troubled=("Bei 1 davon ging etwas schief.", "Bei {n} davon ging etwas schief."),
    none="Es ist kein Anruf verzeichnet.",
    calendar="Anrufe",
    minutes="Dauer am Tag",
    costs="Kosten am Tag",
    key="Im Kalender steht, wie viele Anrufe ein Tag hatte. Ein Dreieck: Bei einem davon ging etwas schief.",
    most="{what}, vom {first} bis zum {last}. Am meisten: {most}, am {day}.",
    figures="Dasselbe in Zahlen",
    columns=("Tag", "Anrufe", "Dauer", "Schiefgegangen", "Kosten"),
    wrong="Was schiefging",
    nothing_wrong="Nichts, in diesen 30 Tagen.",
    times=("Einmal, am {when}", "{n}-mal, zuletzt am {when}"),
    money="Was Anrufe kosten",
    so_far="Heute {today}, in diesem Monat {month}.",
    of_budget="Das sind {share} von {budget}, die es im Monat sein dürfen.",
    spent="Die {budget}, die es in diesem Monat sein dürfen, sind verbraucht.",
    everybody="Das gilt für alle Anrufe zusammen.",
    no_prices="Was Anrufe kosten, steht hier, sobald GRANNY_PRICE_INPUT und GRANNY_PRICE_OUTPUT gesetzt sind.",
    unreadable="Wie die Anrufe waren, lässt sich nicht sagen: Was davon aufbewahrt wird, ist gerade nicht zu lesen.",
    as_of="Stand: {when}. Was in einem Anruf gesagt wird, wird nicht aufbewahrt. So steht davon auch hier nichts.",
)
