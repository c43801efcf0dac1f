# Granny's worker. `docker build -t granny .` needs no key; keys come in when she starts:
#   docker run --rm --env-file Granny-voice/.env.local granny

# Both stages share it, for the virtual environment points at its Python. Any Debian with Python 3.10 to 3.13 will do.
ARG PYTHON_IMAGE=python:3.11.16-slim-bookworm@sha256:a36c24f9cbdf4fd0f52d67f0823eeac19c2028c637cecc392d97f980d4fec56b

FROM ${PYTHON_IMAGE} AS builder
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /app
COPY requirements-uv.txt pyproject.toml uv.lock ./
RUN python3 -m venv /uv && /uv/bin/pip install --no-cache-dir --require-hashes --requirement requirements-uv.txt
RUN /uv/bin/uv sync --frozen --no-dev --no-cache
COPY . .
RUN .venv/bin/python -m compileall -q Granny-voice

FROM ${PYTHON_IMAGE}
# tini passes SIGTERM on from the first moment: as process 1, Python would miss it until its own handlers are set.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home granny \
    && install --directory --owner granny --group granny --mode 700 /home/granny/.cache /home/granny/.cache/granny \
        /home/granny/.local /home/granny/.local/share /home/granny/.local/share/granny
COPY --from=builder /app /app
# In a container the health page is for its neighbours: every address.
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 GRANNY_HEALTH_HOST=::
WORKDIR /app/Granny-voice
USER 10001:10001

# Whether she lives, not whether she would take a call: a full or stopping worker has callers to look after.
# The check-up before she registers may wait a minute for a passing fault to pass.
HEALTHCHECK --interval=30s --timeout=5s --start-period=90s --retries=3 \
    CMD ["python", "-c", "import http.client, os, sys; \
page = http.client.HTTPConnection('127.0.0.1', int(os.environ.get('GRANNY_HEALTH_PORT') or 8081), timeout=4); \
page.request('GET', '/live'); \
sys.exit(page.getresponse().status != 200)"]

# SIGTERM lets running calls end: give it the time (`--stop-timeout`, `stop_grace_period`, `terminationGracePeriodSeconds`).
STOPSIGNAL SIGTERM
ENTRYPOINT ["tini", "--"]
CMD ["python", "agent.py", "start"]
