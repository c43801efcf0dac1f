"""LiveKit without a server: a room, its people, a job and an agent session that note what is done with them.

Each is the framework's own class, and overrides what would leave the machine; `test_fakes.py` compares the two.
What happened stands in a journal, in the order in which it did.
"""

from fakes._job import Job as Job
from fakes._job import LiveKit as LiveKit
from fakes._job import RoomService as RoomService
from fakes._job import running_job as running_job
from fakes._room import HER as HER
from fakes._room import Herself as Herself
from fakes._room import Person as Person
from fakes._room import Publication as Publication
from fakes._room import RemoteTrack as RemoteTrack
from fakes._room import Room as Room
from fakes._room import Source as Source
from fakes._room import Track as Track
from fakes._room import without_sound_card as without_sound_card
from fakes._session import Ears as Ears
from fakes._session import Link as Link
from fakes._session import Output as Output
from fakes._session import Session as Session
