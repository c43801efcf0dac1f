"""What can go wrong: every fault as a constant, named after its slug; standard library only.

`CATALOGUE` is computed from the constants, so a fault is added by writing it in the module of its section.
"""

from granny.faults import (
    _alerts,
    _call,
    _environment,
    _lines,
    _livekit,
    _openai,
    _openai_account,
    _page,
    _people,
    _phone,
    _store,
    _values,
)
from granny.faults._alerts import *
from granny.faults._call import *
from granny.faults._environment import *
from granny.faults._fault import ExitCode as ExitCode
from granny.faults._fault import Fault as Fault
from granny.faults._fault import Finding as Finding
from granny.faults._fault import Severity as Severity
from granny.faults._lines import *
from granny.faults._livekit import *
from granny.faults._openai import *
from granny.faults._openai_account import *
from granny.faults._page import *
from granny.faults._people import *
from granny.faults._phone import *
from granny.faults._store import *
from granny.faults._values import *

CATALOGUE: dict[str, Fault] = {
    fault.slug: fault
    for section in (
        *(_environment, _values, _people, _lines, _page, _store),
        *(_livekit, _phone, _openai_account, _openai, _call, _alerts),
    )
    for fault in vars(section).values()
    if isinstance(fault, Fault)
}
