"""In German."""

from granny.alerts.words._words import Words

WORDS = Words(
    leads={
        "account": "Granny nimmt keine Anrufe an, bis das behoben ist.",
        "start": "Granny startet nicht.",
        "livekit": "Niemand kann Granny anrufen, bis er wieder da ist; sie versucht es von selbst weiter.",
        "call": "Ein Gespräch ist abgebrochen.",
    },
    still="Immer noch: {wrong}",
    well_again="Granny geht es wieder gut.",
    it_was="Es war dies: {wrong}",
    span="Von {begin} bis {end}.",
    who="Um wen es geht: {who}",
    nobody="niemand Bestimmtes",
    about="Worum es geht: {about}",
    abouts={
        "no-call": "Der letzte Anruf: {about}",
        "certificate-ending": "Wessen: {about}",
        "person-not-reached": "Warum: {about}",
    },
    what_to_do="Was zu tun ist: {remedy}",
    when="Wann: {time}",
    since="Seit: {time}",
    more="Wie oft seit der letzten Meldung darüber: {count}",
    held="Am {day} nicht gesendet: {count} weitere.",
    besides="Außerdem: {wrong}",
    fault="Störung: {slug}",
    digest="Granny: {count} Dinge, die bis jetzt Zeit hatten",
    trial="Dies ist eine Probe: Grannys Meldungen kommen hier an.\nWas zu tun ist: Es ist nichts zu tun.",
)
