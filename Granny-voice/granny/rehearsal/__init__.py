"""The rehearsal: a stand-in for OpenAI's Realtime server, and a recorded caller to talk to it.

It speaks only the wire protocol and knows nothing of the rest of granny: a stand-in that shared code with
what it stands against would share its bugs. Reading order:

    errors        what the stand-in says when it refuses
    script        how it can be told to fail
    manner        how it behaves otherwise
    hearing       the input audio buffer and turn detection
    voice         what it says
    conversation  the items
    usage         what a response costs, and truncation
    session       the settings
    record        what it saw, for tests to look at
    wire          typed events over one WebSocket
    reply         one response
    answering     the responses of a connection
    connection    one connection
    standin       the door: HTTP, keys, models
    telephone     a call without a network, through the framework's console transport
    caller        the recorded caller
"""
