"""ministack with a few adjustments, none of which a function could tell from AWS.

usage: emulator.py [attached]    with `attached`, it ends when its standard input does: not even a killed parent leaves it behind
"""

import http.server
import os
import signal
import sys
import threading

from ministack.core import lambda_runtime


def answer_functions_at_once() -> None:
    """Takes out the waits that cost each invocation some 90 ms: delayed packets, and patience for log lines."""
    http.server.BaseHTTPRequestHandler.disable_nagle_algorithm = True
    for worker in (lambda_runtime.Worker, lambda_runtime.ProvidedWorker):
        if drain := worker.__dict__.get("_drain_stderr_bounded"):
            drain.__defaults__ = (0.005, 0.002, 0.250)


def end_with_input() -> None:
    sys.stdin.read()
    os.killpg(0, signal.SIGTERM)


if __name__ == "__main__":
    answer_functions_at_once()
    if sys.argv.pop() == "attached":
        threading.Thread(target=end_with_input, daemon=True).start()

    from ministack.app import main

    main()
