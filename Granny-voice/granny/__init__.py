"""Granny: a voice companion that says what is wrong before a call, and never leaves a caller in silence.

Reading order, each module knowing only those before it:

    faults       what can go wrong: the catalogue
    env_file     what an env file really says
    settings     the variables Granny reads
    diagnosis    the only translator from what happened to a fault
    report       outcomes, the exit code, the report
    lines        the recorded sentences
    probes       one question a file
    checkup      all the questions, into one report
    dictation    the model is told to say a sentence
    studio       the recorded sentences, said in her own voice
    strangers    nothing in a room reaches her but a voice
    voice_model  OpenAI's RealtimeModel from the settings
    greeting     her recorded greeting, heard before the model is reached
    persona      who Granny is
    call         what a call needs around its agent session
    server       the worker that checks itself before it registers
    rehearsal    a stand-in for OpenAI and a recorded caller; knows nothing of granny
"""
