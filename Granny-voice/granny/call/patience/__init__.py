"""How long a caller's silence is waited out before an answer is heard: OpenAI answers early, and the answer is held.

OpenAI is asked to be eager: it answers as soon as it takes a sentence for finished, and two seconds after one that it
does not, so that the answer is made while she is still waiting. If the caller stays silent for the whole of her
patience, it is let go: the caller waits for the longer of the two, patience or model, and not for both. If the caller
goes on, it is dropped: nothing of it was heard, and nothing of it stays in either history, so that the next answer
knows all that was said and nothing else.

It is held before the agent session knows of it. So it has no captions yet, what it asks to be done is not done (a
goodbye that is dropped ends no call), and a dropped one leaves nothing behind there.
"""

from granny.call.patience._gate import Gate as Gate
from granny.call.patience._gate import Line as Line
from granny.call.patience._gate import Told as Told
from granny.call.patience._patience import SECONDS as SECONDS
from granny.call.patience._patience import Patience as Patience
from granny.call.patience._voice import Voice as Voice
