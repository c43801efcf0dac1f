"""In English."""

from granny.alerts.words._words import Words

WORDS = Words(
    leads={
        "account": "Granny takes no calls until this is put right.",
        "start": "Granny does not start.",
        "livekit": "Nobody can call Granny until it is there again; she tries on by herself.",
        "call": "A call was broken off.",
    },
    still="Still so: {wrong}",
    well_again="Granny is well again.",
    it_was="It was this: {wrong}",
    span="From {begin} to {end}.",
    who="Whom it concerns: {who}",
    nobody="nobody in particular",
    about="What it concerns: {about}",
    abouts={
        "no-call": "The last call: {about}",
        "certificate-ending": "Whose: {about}",
        "person-not-reached": "Why: {about}",
    },
    what_to_do="What to do: {remedy}",
    when="When: {time}",
    since="Since: {time}",
    more="How often since the last message about it: {count}",
    held="Not sent on {day}: {count} more.",
    besides="Besides: {wrong}",
    fault="Fault: {slug}",
    digest="Granny: {count} things that could wait until now",
    trial="This is a trial: Granny's alerts arrive here.\nWhat to do: Nothing needs to be done.",
)
