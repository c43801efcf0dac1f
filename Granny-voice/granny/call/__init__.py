"""One call, from ring to goodbye.

What a fault does on its way, from whoever meets it to the caller's ear and to the one who runs her:

    OpenAI's event               the plugin's error                a crash
    error, response.done         "error" of the agent session      in agent.py, or in the watch itself
           |                             |                              |
           |                             |  call/refusal.py             |
           |                             |  asks why, if nobody said    |
           v                             v                              |
    diagnosis/_openai.py         diagnosis/_network.py                  |
    which fault of faults/ it is: a `Finding`                           |
           |                                                            |
           v                                                            |
    call/supervisor.py           hears of it, and does what is due      |
           |         ^                                                  |
           | Finding | `Say`, `AskAgain`, `End`                         |
           v         |                                                  |
    call/watchdog/_watchdog.py   decides: wait, ask again, say, end     |
    call/watchdog/_trouble.py    how long OpenAI has been in trouble    |
    call/watchdog/_owed.py       what the caller is owed meanwhile      |
                                                                        |
           | `Say`                       | `End`                        v
           |                             +-----> call/lifecycle.py  is around it all
           |                                     call/closing.py    how it ends, call/ending.py
           |                                     call/stage.py      how far it has come
           v                                            |        |
    call/announcer.py  <--------------------------------+        | `CallEnded`, at the end
           |         |                                           |
           |         |  `Alarm`, before the caller hears it      v
           |         +---------------------------------> call/reports.py
           |                                                     |
           +--> call/line_player.py                              |  out of the job, into the worker
           |    the caller's ear, and captions                   v
           |                                             worker/job_reports.py
           +--> the room: the attribute `granny.fault`,          |
                a message of that topic                          v
                                                         worker/hooks.py
                                                           |          |
                                       `Alarm`             v          v   `CallEnded`
                            worker/account_breaker.py          worker/metrics.py, and every feature
                            asks OpenAI, shuts the door        the figures
                                        |                             |
                                        +-----> worker/health.py <----+
                                                the health page

Two faults are the room's and not OpenAI's: where no sound gets through, call/sound_watch.py tells the supervisor.
And where two Grannys are in a room, one says nothing at all: call/floor.py, by what call/election.py decides.

A telephone is more than a way in. call/telephone_call.py knows what has become of it; call/opening.py waits for its
answer, and for the hello of whom she rings (call/hello.py); call/receiver.py does what else it asks for; and
call/outcome.py gives the end of each call its name.

A job that dies tells nothing: worker/job_reports.py misses its report, worker/failover.py tells the room.

A call from a page without LiveKit has no room: what is told to the room goes by call/wire.py over the wire that
worker/roomless.py has taken up, and of a job that died worker/exchange.py lets the page know.
"""
