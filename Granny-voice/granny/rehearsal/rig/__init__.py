"""The programs a rehearsal runs beside itself: a LiveKit server, a worker."""
