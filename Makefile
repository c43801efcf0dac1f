# One command a job; each first sets up what it needs. On Windows use the `uv run` lines of README.md.

.PHONY: talk link test coverage scenes cluster phone browser pictures check docs bench setup packages

# uv where it is installed, else a private one in .uv/
UV := $(if $(shell uv --version 2>/dev/null),uv,"$(CURDIR)/.uv/bin/uv")
RUN := $(UV) run --no-sync

talk: packages          ## talk to Granny, with whatever this machine offers
	@cd Granny-voice && $(RUN) python -m granny talk

link: packages          ## a link to her page, for anybody; `make link WHO=anna`: for Anna
	@cd Granny-voice && $(RUN) python -m granny link $(if $(WHO),"$(WHO)")

# three at a time on two cores as well: whole calls mostly wait, for a caller to speak and for her to have spoken
test: setup             ## every test; those that need a LiveKit server say so when they skip
	$(RUN) pytest -n 3 --dist loadfile --no-loadscope-reorder -m "not full and not cluster and not browser and not phone"

coverage: setup         ## how much of Granny the tests reach that need no LiveKit server; below the floor it fails
	$(RUN) pytest -n 2 --dist loadfile -m "not full and not livekit and not cluster and not browser and not phone" --cov --cov-report=term

scenes: setup           ## every scene of trouble in a call, on a real LiveKit server, and every slow test; a quarter of an hour
	$(RUN) pytest tests/calls/test_no_dead_air.py -s
	$(RUN) pytest -m "full and not phone" --ignore tests/calls/test_no_dead_air.py

TRIES ?= 5
cluster: setup          ## two LiveKit nodes, redis, a balancer, two workers: every part fails in turn; most of an hour
	GRANNY_CLUSTER_TRIES=$(TRIES) $(RUN) pytest -m cluster

phone: setup            ## telephone calls by LiveKit's SIP service, both ways; CONTRIBUTING.md says what they need
	$(RUN) pytest tests/phone

browser: setup          ## her page in Chromium and Firefox, against a real LiveKit server; a quarter of an hour
	@$(UV) sync --frozen --quiet --inexact --group browser
	$(RUN) pytest tests/browser

pictures: setup         ## take the pictures of her page in docs/ anew
	@$(UV) sync --frozen --quiet --inexact --group browser
	GRANNY_PICTURES=$(CURDIR)/docs $(RUN) pytest tests/browser/test_pictures.py tests/browser/test_familys_page.py -k taken

check: setup            ## format, lint, types
	$(RUN) ruff format --check
	$(RUN) ruff check
	$(RUN) mypy
	$(RUN) mypy --platform win32 --cache-dir .mypy_cache/win32
	$(RUN) mypy --platform darwin --cache-dir .mypy_cache/darwin

docs: setup             ## write what is generated: docs/faults.md, the tables in README, .env.local.example
	cd Granny-voice && $(RUN) python -m granny docs

ROUNDS ?= 8
bench: setup            ## Granny beside a plain agent and a bare job, measured and drawn
	@$(UV) sync --frozen --quiet --group bench
	$(RUN) python -m benchmarks --rounds $(ROUNDS)
	$(RUN) python -m benchmarks.many_calls
	$(RUN) python -m benchmarks.check_up --rounds $(ROUNDS)

# what she needs to talk, and what the tools need as well
UV_IS_THERE := $(if $(filter uv,$(UV)),,.uv/bin/uv)
packages: $(UV_IS_THERE)
	@$(UV) sync --frozen --quiet --inexact --no-dev

setup: $(UV_IS_THERE)
	@$(UV) sync --frozen --quiet --inexact

.uv/bin/uv: requirements-uv.txt
	python3 -m venv .uv
	.uv/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-uv.txt
	@touch $@
