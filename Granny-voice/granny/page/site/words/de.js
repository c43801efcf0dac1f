// Every sentence of the page in German, as in en.js.
export default {
  "title": "Mit {granny} sprechen",
  "hello": "Guten Tag, {called}.",
  "rehearsal": "Dies ist nur eine Probe. {granny} wiederholt nur Ihre Worte.",
  "captions": "Was gesagt wurde",
  "granny": "{granny}",
  "caller": "Sie",
  "headphones": "Lauter geht es nicht. Kopfhörer helfen.",
  "state": {
    "opening": "Einen Moment, bitte.",
    "ready": "Zum Sprechen drücken Sie bitte den Knopf.",
    "asking": "Bitte erlauben Sie das Mikrofon.",
    "calling": "{granny} wird angerufen.",
    "calling-again": "Die Leitung war unterbrochen. {granny} wird noch einmal angerufen.",
    "waiting": "{granny} spricht gerade mit jemand anderem. Bitte bleiben Sie am Apparat.",
    "there": "{granny} ist da.",
    "listening": "{granny} hört zu.",
    "thinking": "{granny} denkt nach.",
    "speaking": "{granny} spricht.",
    "interrupted": "Die Leitung ist unterbrochen. Bitte warten Sie.",
    "deaf": "{granny} kann Sie gerade nicht hören.",
    "hung-up": "Sie haben aufgelegt. Das Mikrofon ist aus.",
    "ended": "{granny} hat aufgelegt. Das Mikrofon ist aus."
  },
  "button": {
    "talk": "Mit {granny} sprechen",
    "call-again": "Noch einmal anrufen",
    "try-again": "Noch einmal versuchen",
    "copy-address": "Adresse kopieren",
    "copied": "Kopiert",
    "hear": "{granny} hören",
    "microphone": "Mikrofon einschalten",
    "quieter": "Leiser",
    "louder": "Lauter",
    "hang-up": "Auflegen"
  },
  "trouble": {
    "link-missing": {
      "says": ["Diese Seite wurde ohne Ihren Link geöffnet.", "Bitte öffnen Sie den Link, den Sie bekommen haben."],
      "button": "try-again"
    },
    "link-unknown": {
      "says": ["Ihr Link gilt nicht mehr.", "Bitte lassen Sie sich einen neuen geben."],
      "button": "try-again"
    },
    "links-unreadable": {
      "says": ["Diese Seite ist gerade gestört.", "Bitte sagen Sie es dem, der sie eingerichtet hat."],
      "button": "try-again"
    },
    "too-many-calls": {
      "says": ["{granny} ist in einem anderen Gespräch.", "Bitte versuchen Sie es in einigen Minuten noch einmal."],
      "button": "try-again"
    },
    "page-unreachable": {
      "says": ["{granny} ist nicht zu erreichen.", "Geht das Internet?"],
      "button": "try-again"
    },
    "insecure": {
      "says": ["Unter dieser Adresse gibt es kein Mikrofon.", "Bitte lassen Sie sich einen Link geben, der mit https beginnt."],
      "button": "try-again"
    },
    "in-app-browser": {
      "says": ["Dieses Fenster kann das Mikrofon nicht benutzen.", "Kopieren Sie die Adresse. Öffnen Sie sie in Safari oder Chrome."],
      "button": "copy-address"
    },
    "browser-too-old": {
      "says": ["Dieser Browser ist zu alt zum Telefonieren.", "Bitte lassen Sie ihn aktualisieren."],
      "button": "try-again"
    },
    "microphone-denied": {
      "says": ["Das Mikrofon ist nicht erlaubt.", "Bitte erlauben Sie es im Browser, neben der Adresse."],
      "button": "try-again"
    },
    "microphone-dismissed": {
      "says": ["{granny} konnte Sie nicht hören.", "Drücken Sie den Knopf, und erlauben Sie dann das Mikrofon."],
      "button": "try-again"
    },
    "microphone-none": {
      "says": ["Es wurde kein Mikrofon gefunden.", "Bitte schließen Sie eines an."],
      "button": "try-again"
    },
    "microphone-busy": {
      "says": ["Ein anderes Programm benutzt das Mikrofon.", "Bitte schließen Sie das andere Programm."],
      "button": "try-again"
    },
    "microphone-lost": {
      "says": ["{granny} hört Sie nicht mehr.", "Bitte schalten Sie das Mikrofon wieder ein."],
      "button": "try-again"
    },
    "sound-blocked": {
      "says": ["Der Ton ist noch aus.", "Bitte drücken Sie den Knopf, um {granny} zu hören."],
      "button": "try-again"
    },
    "nobody-yet": {
      "says": ["{granny} ist noch nicht ans Telefon gekommen.", "Sie können warten oder auflegen."],
      "button": "try-again"
    },
    "nobody-came": {
      "says": ["{granny} nimmt nicht ab.", "Bitte versuchen Sie es später noch einmal."],
      "button": "try-again"
    },
    "line-lost": {
      "says": ["Die Verbindung ist abgebrochen.", "Geht das Internet?"],
      "button": "try-again"
    },
    "call-unheard": {
      "says": ["Der Ton kam nicht bei Ihnen an.", "Bitte versuchen Sie es noch einmal."],
      "button": "try-again"
    },
    "call-deaf": {
      "says": ["{granny} kann Sie nicht hören.", "Benutzt ein anderes Programm das Mikrofon?"],
      "button": "try-again"
    },
    "job-died": {
      "says": ["{granny} war einen Augenblick weg.", "Sie kommt wieder. Bitte warten Sie."],
      "button": "try-again"
    },
    "are-you-still-there": {
      "says": ["{granny} kann Sie nicht hören.", "Bitte sagen Sie etwas."],
      "button": "try-again"
    },
    "no-answer": {
      "says": ["{granny} hat den Faden verloren.", "Bitte sagen Sie es noch einmal."],
      "button": "try-again"
    },
    "goodbye": {
      "says": ["Lange Zeit hat niemand gesprochen.", "Darum hat {granny} sich verabschiedet."],
      "button": "call-again"
    },
    "time-is-up": {
      "says": ["Die Zeit für dieses Gespräch war um.", "Sie können wieder anrufen."],
      "button": "call-again"
    },
    "worker-stopping": {
      "says": ["{granny} musste aufhören.", "Bitte rufen Sie später noch einmal an."],
      "button": "call-again"
    },
    "not-set-up": {
      "says": ["{granny} ist nicht richtig eingerichtet.", "Bitte sagen Sie es dem, der sie eingerichtet hat."],
      "button": "try-again"
    },
    "no-credit": {
      "says": ["Das Guthaben für Anrufe ist aufgebraucht.", "Bitte sagen Sie es dem, der {granny} eingerichtet hat."],
      "button": "try-again"
    },
    "cannot-reach-voice": {
      "says": ["Die Leitung zu {granny} ist gerade gestört.", "Bitte rufen Sie später noch einmal an."],
      "button": "try-again"
    },
    "something-went-wrong": {
      "says": ["Etwas ist schiefgegangen. Es liegt nicht an Ihnen.", "Bitte rufen Sie noch einmal an."],
      "button": "try-again"
    }
  }
};
