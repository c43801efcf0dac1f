"""One question a file: each probe asks one thing and answers with findings; `checkup` times and guards them."""
