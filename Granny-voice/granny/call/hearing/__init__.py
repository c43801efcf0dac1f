"""What leaves her, made easier to hear for older ears: one processing for the model's sound and for recorded lines.

Age takes the high tones first. So low rumble goes, what tells consonants apart is lifted a little, loud and soft come
nearer to each other, and nothing is ever louder than a bound. Speaking clearly and slowly helps more than all of it
(Krause 2019), and hard compression harms: `soft` and `strong` are both mild. It is no hearing aid.

A sample goes in and a sample comes out at once: nothing is heard later for it.
"""

from granny.call.hearing._hearing import Hearing as Hearing
from granny.call.hearing._hearing import clearer as clearer
from granny.call.hearing._manner import MANNERS as MANNERS
from granny.call.hearing._manner import Manner as Manner
