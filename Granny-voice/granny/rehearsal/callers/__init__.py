"""Who calls in a rehearsal: a recorded caller, in a room or over the console's transport."""
