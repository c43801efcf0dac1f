"""Her telephone: set up with LiveKit, and the calls that she makes; what happens in a call is `call`'s."""
