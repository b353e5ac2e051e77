"""The application: routes, the error shape, and the faults in front of both."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from booking_ui.sandbox import errors, faults
from booking_ui.sandbox.bank import jobs
from booking_ui.sandbox.box import Box
from booking_ui.sandbox.checkout import routes as checkout
from booking_ui.sandbox.control import routes as control
from booking_ui.sandbox.errors import Refusal
from booking_ui.sandbox.rest import routes as rest
from booking_ui.sandbox.webhooks.courier import Courier

log = logging.getLogger("sandbox.requests")


class FaultGate:
    """Spoils requests to the merchant's API as planned; the control API and the checkout page stay reachable."""

    def __init__(self, app: ASGIApp, box: Box) -> None:
        self.app = app
        self._box = box

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            fault = self._planned(scope)
        except Refusal as refusal:
            await JSONResponse(refusal.body(), refusal.status)(scope, receive, send)
            return
        if fault is None:
            await self.app(scope, receive, send)
            return
        log.info("%s %s: fault %s %s", scope["method"], scope["path"], fault.kind, fault.when)
        if fault.kind in faults.BENT:
            await _bent(fault.kind, self.app, scope, receive, send)
            return
        if fault.when == "after":
            await self.app(scope, receive, _swallow)
        else:
            await _drain(receive)
        await _spoil(fault, scope, send)

    def _planned(self, scope: Scope) -> faults.HttpFault | None:
        if scope["type"] != "http" or scope["path"].startswith(("/_sandbox", "/v1/checkout")):
            return None
        header = Request(scope).headers.get("x-sandbox-fault", "")
        return self._box.http_faults.take(scope["method"], scope["path"], header)


async def _drain(receive: Receive) -> None:
    """The server only watches a connection for its end once the request has been read."""
    while (await receive()).get("more_body"):
        pass


async def _swallow(message: Message) -> None:
    """Takes an answer and drops it."""


async def _bent(kind: str, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Send the answer with payments and refunds in an undocumented shape."""
    said: list[Message] = []

    async def keep(message: Message) -> None:
        said.append(message)

    await app(scope, receive, keep)
    body = faults.bent(kind, b"".join(message.get("body", b"") for message in said))
    await Response(body, said[0]["status"], media_type="application/json")(scope, receive, send)


async def _spoil(fault: faults.HttpFault, scope: Scope, send: Send) -> None:
    if fault.kind == "hang":
        await asyncio.sleep(fault.seconds)
    if fault.kind in ("drop", "reset", "hang"):
        faults.break_connection(scope["client"], reset=fault.kind == "reset")
        # The answer would race with the closing of the connection; the server ends this task with it.
        await asyncio.sleep(1)
        return
    status, kind, body = faults.canned(fault.kind)
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _refused(_: Request, exc: Exception) -> Response:
    assert isinstance(exc, Refusal)
    return JSONResponse(exc.body(), exc.status)


async def _unknown(_: Request, __: Exception) -> Response:
    """Razorpay answers a wrong address or method with 400."""
    refusal = errors.unknown_url()
    return JSONResponse(refusal.body(), refusal.status)


async def _crashed(_: Request, exc: Exception) -> Response:
    log.error("the sandbox itself failed", exc_info=exc)
    status, kind, body = faults.canned("500")
    return Response(body, status, media_type=kind.decode())


def _ended(carrying: asyncio.Task[None]) -> None:
    if not carrying.cancelled() and (failure := carrying.exception()):
        log.error("webhooks have stopped", exc_info=failure)


def build(box: Box) -> Starlette:
    courier = Courier(box, jobs)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        carrying = asyncio.create_task(courier.run())
        carrying.add_done_callback(_ended)
        yield
        carrying.cancel()
        with suppress(asyncio.CancelledError):
            await carrying
        await courier.close()
        box.store.close()

    app = Starlette(
        routes=[*checkout.routes(), *control.routes(), *rest.routes()],
        middleware=[Middleware(FaultGate, box=box)],
        exception_handlers={
            Refusal: _refused,
            HTTPException: _unknown,
            404: _unknown,
            405: _unknown,
            Exception: _crashed,
        },
        lifespan=lifespan,
    )
    app.state.box = box
    app.state.courier = courier
    return app
