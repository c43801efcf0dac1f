"""Two people with a telephone each, and somebody of whom nobody has told."""

from __future__ import annotations

ANNA, BERTA, STRANGER = "+493023125017", "+442079460128", "+12025550139"
AS_WRITTEN = {"anna": "03023125017", "berta": "442079460128"}
"""Within the country, and with another country's code but without its plus: as providers like to write them."""
FILES = {
    "anna": f'called = "Anna"\nlanguage = "de"\ngranny = "Oma"\nnotes = "She grows roses."\nnumbers = "{ANNA}"\n'
    'ring_hours = "0:00-24:00"\n',
    "berta": f'called = "Berta"\nnotes = "She plays the organ."\nnumbers = ["+1 202 555 0140", "{BERTA}"]\n',
}
