"""One question a file: each probe asks one thing and answers with findings; `one_probe` times and guards them."""
