"""The programs a rehearsal runs beside itself: a LiveKit server or a cluster of them, a worker, the stand-in."""
