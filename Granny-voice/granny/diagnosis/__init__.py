"""The only translator: what a server, a socket or a library said becomes a finding; standard library only.

Nothing of a response body, a key, a URL's query or an exception's text reaches a finding: only statuses,
codes of our own tables or plainly shaped like one, and our own words.
"""

from granny.diagnosis._livekit import livekit_reply as livekit_reply
from granny.diagnosis._network import LIVEKIT as LIVEKIT
from granny.diagnosis._network import OPENAI as OPENAI
from granny.diagnosis._network import Peer as Peer
from granny.diagnosis._network import network_finding as network_finding
from granny.diagnosis._openai import diagnose_close as diagnose_close
from granny.diagnosis._openai import diagnose_event as diagnose_event
from granny.diagnosis._openai import diagnose_exception as diagnose_exception
from granny.diagnosis._openai import diagnose_reply as diagnose_reply
from granny.diagnosis._openai_words import OPENAI_CODES as OPENAI_CODES
