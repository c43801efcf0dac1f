"""What is due in a call: told of everything that happens and of the time, it says when a step must be taken.

Pure: it knows neither LiveKit nor a clock. Times are seconds on any clock that does not jump; `supervisor` does
what it says.
"""

from granny.call.watchdog._limits import Limits as Limits
from granny.call.watchdog._owed import Owed as Owed
from granny.call.watchdog._step import AskAgain as AskAgain
from granny.call.watchdog._step import End as End
from granny.call.watchdog._step import FreeLine as FreeLine
from granny.call.watchdog._step import Say as Say
from granny.call.watchdog._step import Step as Step
from granny.call.watchdog._step import farewell as farewell
from granny.call.watchdog._watchdog import Watchdog as Watchdog
