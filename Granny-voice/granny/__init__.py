"""Granny: a voice companion that says what is wrong before a call, and never leaves a caller in silence.

Her rooms, in the order in which they are read; each knows only those before it, and none of them the rehearsal:

    faults      what can go wrong: the catalogue
    logs        what may be read in a log
    config      the variables she reads, and what the env files really say
    diagnosis   the only translator from what happened to a fault
    net         asking a server, bounded and without redirects
    lines       the recorded sentences
    rooms       LiveKit's rooms from outside: tokens and names
    people      who is who: the family's files, one a person
    store       what must last: one schema, in SQLite or PostgreSQL
    preflight   the check-up: its probes, its report
    call        one call, from ring to goodbye
    worker      the process that takes calls; features hear of them by its `hooks`
    diary       what became of each call, written down
    page        her page in a browser: one button, and the way to her
    phone       her telephone: set up with LiveKit, and the calls that she makes
    alerts      who set her up is told what is wrong, wherever they are; a sign of life
    commands    one file a command of `python -m granny`
    rehearsal   a stand-in for OpenAI and recorded callers; knows nothing of the others
"""
