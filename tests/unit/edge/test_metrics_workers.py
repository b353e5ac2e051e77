"""With more than one process the counters are of all of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support.servers import ROOT

COUNT = """
from booking_ui.services.limits import metrics
metrics.REQUESTS.labels("/api/health", "GET", "200").inc(2)
metrics.SECONDS.labels("/api/health", "GET").observe(0.1)
"""
TELL = "from booking_ui.services.limits import metrics; print(metrics._counters().decode())"


def test_one_process_tells_what_all_of_them_counted(tmp_path: Path) -> None:
    env = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for _ in range(2):
        subprocess.run([sys.executable, "-c", COUNT], cwd=ROOT, env=env, check=True)
    told = subprocess.run(
        [sys.executable, "-c", TELL], cwd=ROOT, env=env, check=True, capture_output=True, text=True
    )
    assert 'http_requests_total{method="GET",route="/api/health",status="200"} 4.0' in told.stdout
    assert 'http_request_seconds_count{method="GET",route="/api/health"} 2.0' in told.stdout
