"""A telephone on a line of its own: SIP and G.711 over real sockets of 127.0.0.1, as a provider's end has them.

It rings and is rung, speaks and presses keys, is busy, declines, never answers, gives up, loses packets, goes dead;
and it keeps what an ear would hear. Reading order:

    _message   one SIP message
    _sdp       what both ends tell of their sound
    _dialog    who talks with whom: tags, sequence numbers, and the password that is asked for
    _g711      the sound on the wire
    _ear       packets, and what is heard of them
    _sound     both directions of one call's sound
    _call      one call, from either side
    _line      the socket, and whose call a message belongs to
"""

from granny.rehearsal.callers.telephone_line._call import Call, DialledCall, IncomingCall
from granny.rehearsal.callers.telephone_line._dialog import Account
from granny.rehearsal.callers.telephone_line._ear import Ear, Packet
from granny.rehearsal.callers.telephone_line._line import TelephoneLine, telephone_line

__all__ = ["Account", "Call", "DialledCall", "Ear", "IncomingCall", "Packet", "TelephoneLine", "telephone_line"]
