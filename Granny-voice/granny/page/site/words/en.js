// Every sentence of the page in English. No sentence has more than twelve words. {granny} is her name, {called} the caller's.
// What follows `default` is plain JSON, so that a test can read it too.
export default {
  "title": "Talk to {granny}",
  "hello": "Hello, {called}.",
  "rehearsal": "This is only a rehearsal. It repeats what you say.",
  "captions": "What was said",
  "granny": "{granny}",
  "caller": "You",
  "headphones": "It cannot get louder. Headphones help.",
  "state": {
    "opening": "One moment, please.",
    "ready": "Press the button to talk.",
    "asking": "Please allow the microphone.",
    "calling": "Calling {granny}.",
    "calling-again": "The line broke. Calling {granny} again.",
    "waiting": "{granny} is talking to somebody else. Please stay on the line.",
    "there": "{granny} is here.",
    "listening": "{granny} is listening.",
    "thinking": "{granny} is thinking.",
    "speaking": "{granny} is speaking.",
    "interrupted": "The line is interrupted. Please wait.",
    "deaf": "{granny} cannot hear you just now.",
    "hung-up": "You have hung up. The microphone is off.",
    "ended": "{granny} has hung up. The microphone is off."
  },
  "button": {
    "talk": "Talk to {granny}",
    "call-again": "Call again",
    "try-again": "Try again",
    "copy-address": "Copy the address",
    "copied": "Copied",
    "hear": "Hear {granny}",
    "microphone": "Turn on the microphone",
    "quieter": "Quieter",
    "louder": "Louder",
    "hang-up": "Hang up"
  },
  "trouble": {
    "link-missing": {
      "says": ["This page was opened without your link.", "Please open it with the link you were given."],
      "button": "try-again"
    },
    "link-unknown": {
      "says": ["Your link is not valid any more.", "Please ask the person who set it up for a new one."],
      "button": "try-again"
    },
    "links-unreadable": {
      "says": ["This page has trouble just now.", "Please tell the person who set it up."],
      "button": "try-again"
    },
    "too-many-calls": {
      "says": ["{granny} is on another call.", "Please try again in a few minutes."],
      "button": "try-again"
    },
    "page-unreachable": {
      "says": ["{granny} cannot be reached.", "Is the internet working?"],
      "button": "try-again"
    },
    "insecure": {
      "says": ["The browser allows no microphone at this address.", "Please ask for a link that begins with https."],
      "button": "try-again"
    },
    "in-app-browser": {
      "says": ["This window cannot use the microphone.", "Copy the address, and open it in Safari or Chrome."],
      "button": "copy-address"
    },
    "browser-too-old": {
      "says": ["This browser is too old for calls.", "Please ask somebody to update it."],
      "button": "try-again"
    },
    "microphone-denied": {
      "says": ["The microphone is not allowed.", "Please allow it in the browser, beside the address."],
      "button": "try-again"
    },
    "microphone-dismissed": {
      "says": ["{granny} could not hear you.", "Press the button, and then press Allow."],
      "button": "try-again"
    },
    "microphone-none": {
      "says": ["No microphone was found.", "Please plug one in."],
      "button": "try-again"
    },
    "microphone-busy": {
      "says": ["Another program is using the microphone.", "Please close the other program."],
      "button": "try-again"
    },
    "microphone-lost": {
      "says": ["{granny} cannot hear you any more.", "Please turn the microphone on again."],
      "button": "try-again"
    },
    "sound-blocked": {
      "says": ["The sound is still off.", "Please press the button to hear {granny}."],
      "button": "try-again"
    },
    "nobody-yet": {
      "says": ["{granny} has not come to the telephone yet.", "You can wait, or hang up."],
      "button": "try-again"
    },
    "nobody-came": {
      "says": ["{granny} does not answer.", "Please try again later."],
      "button": "try-again"
    },
    "line-lost": {
      "says": ["The line broke.", "Is the internet working?"],
      "button": "try-again"
    },
    "call-unheard": {
      "says": ["The sound did not get through to you.", "Please try again."],
      "button": "try-again"
    },
    "call-deaf": {
      "says": ["{granny} cannot hear you.", "Is another program using the microphone?"],
      "button": "try-again"
    },
    "job-died": {
      "says": ["{granny} was gone for a moment.", "She is coming back. Please wait."],
      "button": "try-again"
    },
    "are-you-still-there": {
      "says": ["{granny} cannot hear you.", "Please say something."],
      "button": "try-again"
    },
    "no-answer": {
      "says": ["{granny} lost her words for a moment.", "Please say it again."],
      "button": "try-again"
    },
    "goodbye": {
      "says": ["Nobody had spoken for a long time.", "So {granny} said goodbye."],
      "button": "call-again"
    },
    "time-is-up": {
      "says": ["The time for this call was up.", "You can call again."],
      "button": "call-again"
    },
    "worker-stopping": {
      "says": ["{granny} had to stop.", "Please call again later."],
      "button": "call-again"
    },
    "not-set-up": {
      "says": ["{granny} is not set up properly.", "Please tell the person who set her up."],
      "button": "try-again"
    },
    "no-credit": {
      "says": ["The credit for calls has run out.", "Please tell the person who set {granny} up."],
      "button": "try-again"
    },
    "cannot-reach-voice": {
      "says": ["The line to {granny} is not working now.", "Please call again later."],
      "button": "try-again"
    },
    "something-went-wrong": {
      "says": ["Something went wrong. It is not your fault.", "Please call again."],
      "button": "try-again"
    }
  }
};
