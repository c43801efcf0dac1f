"""The room watch: whoever is alone in one of her rooms gets an agent, for whatever reason they are alone.

LiveKit offers a call once, to one of its nodes: full, absent, frozen or gone there, it is offered to nobody else. So
every worker looks, by LiveKit's own API, and goes to whom it finds; what it sees is in `_sight`, what it decides
in `_lonely_rooms` and `_knocks`, and what it does in `_visits`.

It does not act twice. A worker that goes to a caller signs up first, in an attribute of that caller (`granny.coming`),
and looks a moment later whether it still stands there: of several it does for the last one, and the others let it go.
That moment is longer than another needs from its look to its own signature. Were all of it delayed, LiveKit decides: a
job of a worker's own has one identity in a room, whichever worker starts it, and the later one puts the earlier out,
which leaves in silence. Whom LiveKit itself has sent meanwhile is seen, for the room is asked twice more.

A room of others is not touched: hers are those for which LiveKit has a dispatch of her name (`_meeting.her_job`).

API calls a minute, of all workers together, with 8 places each, full of calls, and nobody alone:

| rooms | workers | lists of rooms | lists of participants | knocks | all |
| --- | --- | --- | --- | --- | --- |
| 10 | 2 | 120 | 60 | 200 | 380 |
| 1,000 | 125 | 60 | 1,200 | 6,000 | 7,260 |
| 10,000 | 1,250 | 250 | 5,000 | 0 | 5,250 |

In LiveKit Cloud, where a project may ask a thousand times a minute, every worker looks four times more seldom and does
not knock: some 20 requests a minute. Where LiveKit answers that it is asked too often, it is asked ever less.

After everybody who is alone each worker that has found them asks once a look: 60 times a minute, and 90 times while it
is full or shut. After whom a busy line holds all workers together ask about so often. LiveKit's list of rooms has some
300 bytes for each.
"""

from granny.worker.room_watch._meeting import Host as Host
from granny.worker.room_watch._watch import RoomWatch as RoomWatch
