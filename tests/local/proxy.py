"""microburst between the functions and the emulator: it passes every call on, unless a test told it to spoil the call.

usage: proxy.py PORT UPSTREAM [attached]    with `attached`, it ends when its standard input does
"""

import io
import sys
import zipfile
from typing import Any

from aiohttp import web
from microburst import detection, forward
from microburst.app import make_app
from microburst.core.pipeline import Microburst

import lifeline


def keep_the_signed_host() -> None:
    """Functions sign the host that they call; under another name no signature would be right."""
    headers_of = forward.Upstream._outbound_headers

    def with_signed_host(upstream: forward.Upstream, request: web.Request) -> dict[str, str]:
        return headers_of(upstream, request) | {"host": request.headers["Host"]}

    forward.Upstream._outbound_headers = with_signed_host


def name_objects_by_their_paths() -> None:
    """A rule can name a bucket; tests want to name the document, which may lie in a ZIP with others."""
    hint_of = detection.resource_hint
    # What is passed on unread tells nothing of what is in it.
    detection._STREAMING_OPS = detection._STREAMING_OPS - {("s3", "PutObject")}

    def documents(service: str | None, operation: str | None, path: str, body: bytes | None) -> str | None:
        if service != "s3":
            return hint_of(service, operation, path, body)
        is_many = body is not None and path.endswith(".zip")
        return "\n".join([path, *(zipfile.ZipFile(io.BytesIO(body)).namelist() if is_many else [])])

    detection.resource_hint = documents


def lose_empty_answers_too() -> None:
    """`abort_bytes` cuts an answer off in its body, and that of S3 to a new object has none."""
    stream = forward._stream_to_client

    async def lose_or_stream(request: web.Request, status: int, headers: Any, fault: Any, chunks: Any) -> Any:
        if fault is not None and fault.abort_bytes == 0 and request.transport is not None:
            request.transport.abort()
            return web.Response()
        return await stream(request, status, headers, fault, chunks)

    forward._stream_to_client = lose_or_stream


if __name__ == "__main__":
    keep_the_signed_host()
    name_objects_by_their_paths()
    lose_empty_answers_too()
    port, upstream, *attached = sys.argv[1:]
    if attached == ["attached"]:
        lifeline.end_with_input()
    proxy = make_app(Microburst(upstream, resign=False))
    web.run_app(proxy, host="127.0.0.1", port=int(port), print=None, access_log=None)
