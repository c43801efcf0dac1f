"""How long a caller's silence is waited out before an answer is heard: OpenAI answers early, and the answer is held.

OpenAI is asked to be eager: it answers as soon as it takes a sentence for finished, and two seconds after one that it
does not, so that the answer is made while she is still waiting. If the caller stays silent for the whole of her
patience, it is let go: the caller waits for the longer of the two, patience or model, and not for both. If the caller
goes on, it is dropped: nothing of it was heard, and nothing of it stays in either history, so that the next answer
knows all that was said and nothing else.

No second ear judges whether a sentence sounds finished. The framework's local model for it was tried on six sets of
recordings, 456 ends of turns and 640 pauses within them, read or spoken with hesitation, in English, French and
Italian: it tells an end from a pause in 58 to 78 of 100 pairs, and with two patiences, between which it chooses, she
would cut off 0.7 to 1.2 times as often as with one of the same mean. That is not worth 250 MB.

It is held before the agent session knows of it. So it has no captions yet, what it asks to be done is not done (a
goodbye that is dropped ends no call), and a dropped one leaves nothing behind there.
"""

from granny.call.patience._gate import Gate as Gate
from granny.call.patience._gate import Line as Line
from granny.call.patience._gate import Told as Told
from granny.call.patience._patience import SECONDS as SECONDS
from granny.call.patience._patience import Patience as Patience
from granny.call.patience._voice import Voice as Voice
