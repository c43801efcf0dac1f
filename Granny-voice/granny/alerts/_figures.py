"""What the operator sees of alerts; their names are a contract."""

from prometheus_client import Counter, Gauge

ALERTS = Counter(
    "granny_alerts", "Alerts, one for each address: sent, failed (and tried again), given up.", ["outcome"]
)
WAITING = Gauge(
    "granny_alerts_waiting", "Alerts that wait to be sent or to be tried again.", multiprocess_mode="livemax"
)
