"""The stack on this machine: the emulator, the real template deployed into it, and the outside world beside it.

usage: stack.py up                       start one and leave it running; .local/stack.json says where it is
       stack.py down                     end it
       stack.py run COMMAND…             start another one, run a command beside it, and end it whatever happens
       stack.py invoke FUNCTION EVENT    send a file to a function of the one that `up` started
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import botocore.exceptions

import gaps

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
LOCAL = ROOT / ".local"
STACK = "onward"
REGION = "us-east-1"
CLOCK_EVENT = ROOT / "events" / "clock.json"
CALLS = "calls.jsonl"  # What functions called, and whether they may.
START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 10

Description = dict[str, Any]

WELCOME = """\
our API        {api}
the outside    {outside}/_control/log        all that shops, suppliers and carriers were sent
the mail box   {endpoint}/_ministack/ses/messages
AWS            {endpoint}        for the AWS CLI: --endpoint-url, any credentials
settings       {settings}        change it, then `onward settings put`
all the names  {file}

An order, signed like a shop's webhook:
  body='{{"id":"7001","placed_at":"2026-01-01T10:00:00Z","updated_at":"2026-01-01T10:00:00Z","payment":"paid",
    "currency":"EUR","lines":[{{"id":"1","sku":"ONW-NOTEBOOK","title":"Notebook","quantity":1,"unit_price":"14.90"}}],
    "total":"14.90","addresses":{{"shipping":{{"name":"Mara Beispiel","lines":["Testweg 12"],"city":"Leipzig",
    "postal_code":"04109","country":"DE"}}}}}}'
  now=$(date +%s); key=$(echo {own_secret} | base64 -d | od -An -tx1 | tr -d ' \\n')
  sign=$(printf %s "msg_1.$now.$body" | openssl dgst -sha256 -mac HMAC -macopt hexkey:$key -binary | base64)
  curl -H "webhook-id: msg_1" -H "webhook-timestamp: $now" -H "webhook-signature: v1,$sign" -d "$body" \\
    '{api}/webhooks/onward/onward-direct'
  curl -H 'authorization: Bearer {console_secret}' '{api}/orders/onward-direct/7001'

When its supplier has accepted it, let the supplier ship, and the carrier deliver what it names:
  curl {outside}/_control/suppliers/nordwaren/ship -d '{{"reference":"onward-direct/7001/F1","carrier":"DHL"}}'
  curl -X POST {outside}/_control/parcels/NUMBER/deliver

The clock ticks once a minute; `make invoke FUNCTION=clock EVENT=events/clock.json` lets it tick now. `make down` ends it all.
"""


def main(arguments: list[str]) -> int:
    match arguments:
        case ["up"]:
            return up()
        case ["down"]:
            return down()
        case ["run", *command] if command:
            return run(command)
        case ["invoke", function, event]:
            return invoke(function, Path(event))
    print(__doc__, file=sys.stderr)
    return 2


def up() -> int:
    down()
    LOCAL.mkdir(exist_ok=True)
    with ending() as groups:
        stack = start(groups, LOCAL, LOCAL / "emulator.log", attached=False)
        groups.clear()  # All went well: it stays.
    secrets = json.loads((HERE / "secrets.json").read_text())
    own_secret = secrets["shops/onward-direct"].removeprefix("whsec_")
    places = {"file": LOCAL / "stack.json", "settings": LOCAL / "settings.toml"}
    print(WELCOME.format(**stack, **places, own_secret=own_secret, console_secret=secrets["console"]))
    return 0


def down() -> int:
    file = LOCAL / "stack.json"
    if file.exists():
        for pid, program in json.loads(file.read_text())["pids"].items():
            if is_ours(int(pid), program):
                end(int(pid))
        file.unlink()
    shutil.rmtree(LOCAL / "tmp", ignore_errors=True)
    return 0


def run(command: list[str]) -> int:
    LOCAL.mkdir(exist_ok=True)
    log = LOCAL / f"run-{os.getpid()}.log"
    with tempfile.TemporaryDirectory(prefix="run-", dir=LOCAL) as folder, ending() as groups:
        stack = start(groups, Path(folder), log, attached=True)
        child = subprocess.Popen(command, cwd=ROOT, env=os.environ | stack["environment"], process_group=0)
        groups.append(child.pid)
        with clock_in_a_hurry(stack):
            code = child.wait()
    if code == 0:
        log.unlink()
    else:
        print(f"what the functions said is in {log}", file=sys.stderr)
    return code


def invoke(function: str, event: Path) -> int:
    stack = json.loads((LOCAL / "stack.json").read_text())
    name = stack["resources"][pascal_case(function) + "Function"]
    speak_to(stack["endpoint"])
    reply = boto3.client("lambda").invoke(FunctionName=name, Payload=event.read_bytes())
    print(reply["Payload"].read().decode())
    return 1 if "FunctionError" in reply else 0


def start(groups: list[int], folder: Path, log: Path, attached: bool) -> Description:
    """Starts all that a stack is made of; each process is added to `groups` as soon as it runs."""
    emulator, endpoint, proxy, proxy_url = start_emulator(groups, folder, log, attached)
    outside, outside_url = start_outside(folder)
    groups.append(outside.pid)
    pids = {str(emulator): "emulator.py", str(proxy): "proxy.py", str(outside.pid): "outside"}
    places = {"endpoint": endpoint, "proxy": proxy_url, "outside": outside_url, "log": str(log)}
    stack = deploy(folder, places | {"pids": pids})
    subprocess.run([target() / "furnish"], cwd=ROOT, env=os.environ | stack["environment"], check=True)
    return stack


@contextlib.contextmanager
def clock_in_a_hurry(stack: Description) -> Iterator[None]:
    """Calls the clock every second or so, as the scheduler does every minute, so that nobody waits for minutes."""
    is_over = threading.Event()

    def tick() -> None:
        functions = boto3.client("lambda")
        while not is_over.wait(1):
            with contextlib.suppress(botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError):
                functions.invoke(FunctionName=stack["resources"]["ClockFunction"], Payload=CLOCK_EVENT.read_bytes())

    ticking = threading.Thread(target=tick, daemon=True)
    ticking.start()
    try:
        yield
    finally:
        is_over.set()
        ticking.join(STOP_SECONDS_MAX)


def start_outside(folder: Path) -> tuple[subprocess.Popen[str], str]:
    """Starts the shops, suppliers and carriers; they say on their first line where they are."""
    outside = subprocess.Popen(
        [target() / "outside"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=(folder / "outside.log").open("wb"),
        start_new_session=True,
        text=True,
    )
    assert outside.stdout is not None
    return outside, outside.stdout.readline().strip()


# ── The emulator ─────────────────────────────────────────────────────────────────────────────────────────────────


def start_emulator(groups: list[int], folder: Path, log: Path, attached: bool) -> tuple[int, str, int, str]:
    """Starts it on a free port, and on another the proxy that functions reach it through; gives their pids and addresses.

    Between our finding a port and its taking it, another program can be faster.
    """
    manner = ["attached"] if attached else []
    for _ in range(3):
        port, proxy_port = free_ports(2)
        speak_to(endpoint := f"http://127.0.0.1:{port}")
        proxy_url = f"http://127.0.0.1:{proxy_port}"
        emulator = start_python(
            ["emulator.py", str(folder / CALLS), *manner], emulator_environment(folder, port, proxy_url), log
        )
        groups.append(emulator.pid)
        proxy = start_python(
            ["proxy.py", str(proxy_port), endpoint, *manner], dict(os.environ), folder / "proxy.log"
        )
        groups.append(proxy.pid)
        if is_ready(emulator, f"{endpoint}/_ministack/ready") and is_ready(proxy, f"{proxy_url}/_microburst/health"):
            return emulator.pid, endpoint, proxy.pid, proxy_url
        end(groups.pop())
        end(groups.pop())
    raise SystemExit(f"the emulator did not start; it said why in {log}, and its proxy in {folder / 'proxy.log'}")


def start_python(arguments: list[str], environment: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    """Starts one of the programs beside this one. Whoever is attached ends when we do: we hold its input."""
    return subprocess.Popen(
        [sys.executable, HERE / arguments[0], *arguments[1:]],
        env=environment,
        stdin=subprocess.PIPE if arguments[-1] == "attached" else subprocess.DEVNULL,
        stdout=log.open("wb"),
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def emulator_environment(folder: Path, port: int, proxy_url: str) -> dict[str, str]:
    """All that the emulator sees, and with it the functions: nothing of ours may stand in for what the template forgot.

    Functions reach AWS through the proxy; tests, the CLI and the deploy reach it directly."""
    scratch = folder / "tmp"
    scratch.mkdir(exist_ok=True)
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "LANG": "C.UTF-8",
        "AUTH": "true",  # Each function may do what its role allows, and no more.
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        **sdk_environment(proxy_url),
    }


def sdk_environment(endpoint: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
    }


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


def is_ready(program: subprocess.Popen[bytes], url: str) -> bool:
    deadline = time.monotonic() + START_SECONDS_MAX
    while program.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(url, timeout=1).close()
            return program.poll() is None
        time.sleep(0.05)
    return False


# ── The deploy ───────────────────────────────────────────────────────────────────────────────────────────────────


def deploy(folder: Path, stack: Description) -> Description:
    """Deploys the template with what cargo built; writes and returns all that one must know to use it."""
    package()
    sam = [str(Path(sys.executable).with_name("sam")), "deploy", "--config-env", "local", "--no-progressbar"]
    # What fails is tried again at once, for nobody is to wait.
    sam += ["--parameter-overrides", "TimeoutSeconds=8", "RetrySeconds=12", "GatherSeconds=1", f"TrackingUrl={stack['outside']}"]
    sam += ["EndpointsMayBePrivate=true"]
    deployment = subprocess.run(sam, cwd=ROOT, capture_output=True, text=True)
    if deployment.returncode:
        raise SystemExit(f"{deployment.stdout}{deployment.stderr}\nthe deploy failed")
    deployed = gaps.Deployed(STACK)
    api = f"{stack['endpoint']}/_aws/execute-api/{deployed.names['Api']}/$default"
    gaps.make_routes(deployed)
    gaps.configure_buckets(deployed)
    gaps.tell_where_things_are(deployed, api, ROOT / "shared" / "paper" / "layer")
    gaps.verify_sender(deployed)
    gaps.put_secrets(STACK, HERE / "secrets.json")
    return write_down(folder, stack | {"api": api, "resources": deployed.names})


def package() -> None:
    """Zips what cargo built, as `cargo lambda build` does with builds of its own that `cargo test` could not share."""
    with ThreadPoolExecutor() as pool:
        list(pool.map(package_function, [path.name for path in (ROOT / "functions").iterdir()]))


def target() -> Path:
    """Where cargo puts what it built."""
    return Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug"


def package_function(function: str) -> None:
    binary = target() / function
    archive = ROOT / "target" / "lambda" / function / "bootstrap.zip"
    built = binary.stat().st_mtime_ns
    if archive.exists() and archive.stat().st_mtime_ns == built:
        return
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=archive.parent, delete=False) as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archived:
            archived.write(binary, "bootstrap")
    os.utime(file.name, ns=(built, built))
    os.replace(file.name, archive)  # Another stack may be deploying the one that was there.


def speak_to(endpoint: str) -> None:
    """From here on this process and its children know no other AWS than this one."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ |= sdk_environment(endpoint)
    os.environ |= {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "NO_PROXY": "127.0.0.1"}
    os.environ |= {"SAM_CLI_TELEMETRY": "0", "SAM_CLI_POLL_DELAY": "0.1"}  # Seconds; the emulator is no service to be spared.


def write_down(folder: Path, stack: Description) -> Description:
    """Adds the functions' own variables, for programs that run beside them (`cargo lambda watch --env-file`)."""
    functions = boto3.client("lambda").get_paginator("list_functions").paginate()
    environment = sdk_environment(stack["endpoint"])
    for function in (function for page in functions for function in page["Functions"]):
        environment |= function["Environment"]["Variables"]
    environment["AWS_LAMBDA_LOG_GROUP_NAME"] = stack["resources"]["Logs"]
    stack |= {"environment": environment | {"ONWARD_STACK": str(folder / "stack.json")}}
    (folder / "stack.json").write_text(json.dumps(stack, indent=2))
    (folder / "functions.env").write_text("".join(f"{name}={value}\n" for name, value in environment.items()))
    return stack


# ── Ending ───────────────────────────────────────────────────────────────────────────────────────────────────────


@contextlib.contextmanager
def ending() -> Iterator[list[int]]:
    """A list of process groups that end with the block, last one first, however it is left."""
    groups: list[int] = []
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    try:
        yield groups
    finally:
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        for group in reversed(groups):
            end(group)


def end(group: int) -> None:
    """Asks a process and all that it started to end, waits until they have, and insists when they don't."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + STOP_SECONDS_MAX
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, number)
            while time.monotonic() < deadline:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(group, os.WNOHANG)
                os.killpg(group, 0)
                time.sleep(0.02)
            continue
        return


def is_ours(pid: int, program: str) -> bool:
    """Whether the process is still the one that we started: after a restart of the machine its number can be another's."""
    command = subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True).stdout
    return str(HERE / program) in command or str(target() / program) in command


def pascal_case(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("-"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
