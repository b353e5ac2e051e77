"""The bad things that come from outside: a Razorpay that hangs, and strangers with many connections or heavy requests."""

from __future__ import annotations

import asyncio
import base64
import os
import random
import socket
import struct
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx

from bench.chaos.stage import Patient, Stage, Told
from booking_ui.api.http import bodies
from booking_ui.commands.serving import server
from booking_ui.edge import socket_filter
from tests.support.raw_sockets import crowd
from tests.support.sandbox_control import control

QUESTIONS, CROWD, PASSWORDS, SOCKETS = 48, 1_100, 30, 30
WEBHOOK = "/api/appointments/razorpay-webhook"
FRAMES_SECONDS = 8.0
SIGNS = "4@8({[<369!|10$5+7%2"  # each may stand for letters, which is what makes a password dear to judge
PASSED = "open to the end"


def razorpay_hangs(on: Stage) -> Told:
    """48 patients ask at once, for an order or about theirs, while Razorpay takes every call and never answers."""
    patients = [on.patient() for _ in range(QUESTIONS)]
    held = [(one, one.hold(next(on.slots))) for one in patients]
    for one, appointment in held[::2]:
        one.order(appointment)
    control(on.app.sandbox_url, "faults/http", {"kind": "hang", "times": 0, "path": "/v1/*"})
    on.begin()
    try:
        answers = asyncio.run(_ask_all(held))
        desk = on.told_to_the_desk()
        told = on.told_to_a_patient()
    finally:
        control(on.app.sandbox_url, "faults", method="DELETE")
        for one in patients:
            one.client.close()
    slowest = max(seconds for seconds, _ in answers)
    heard = _counted(Counter(answer for _, answer in answers))
    return Told(f"{heard}, the slowest after {slowest:.1f} s; then {told}", desk)


async def _ask_all(held: list[tuple[Patient, object]]) -> list[tuple[float, str]]:
    """The seconds and the answer of each question, all asked at once."""
    limits = httpx.Limits(max_connections=QUESTIONS)
    place = held[0][0].client.base_url
    async with httpx.AsyncClient(base_url=place, limits=limits, timeout=60, trust_env=False) as client:
        return await asyncio.gather(*(_asked(client, *one, order=bool(n % 2)) for n, one in enumerate(held)))


async def _asked(
    client: httpx.AsyncClient, patient: Patient, appointment: object, *, order: bool
) -> tuple[float, str]:
    began, headers = time.monotonic(), dict(patient.client.headers)
    if order:
        wanted = {"appointmentId": appointment}
        answer = await client.post("/api/payments/intent", json=wanted, headers=headers)
    else:
        answer = await client.get(f"/api/appointments/{appointment}/status", headers=headers)
    told = answer.json()
    word = told["data"]["status"] if told["success"] else told["code"]
    return time.monotonic() - began, f"{answer.status_code} `{word}`"


def _counted(told: Counter[str]) -> str:
    return ", ".join(f"{count} × {what}" for what, count in told.most_common())


def _endless(path: str) -> bytes:
    lines = ["Host: localhost", "Content-Type: application/json", "Content-Length: 1000", "", "{"]
    return "\r\n".join([f"POST {path} HTTP/1.1", *lines]).encode()


def endless_bodies(on: Stage) -> Told:
    """1,100 bodies that never end, half of them at a route for patients and half at the webhook's door."""
    half = CROWD // 2
    on.begin()
    with (
        crowd(on.port, half, _endless("/api/auth/login")) as at_route,
        crowd(on.port, CROWD - half, _endless(WEBHOOK)) as at_door,
    ):
        told, desk = on.told_to_a_patient(), on.told_to_the_desk()
        at_route.until_closed(seconds=bodies.SECONDS + 20)
        at_door.until_closed(seconds=bodies.SECONDS + 20)
    heard = Counter(line.decode().split()[1] for line in at_route.heard + at_door.heard)
    return Told(f"{told}; the stranger gets {_counted(heard)}", desk)


def half_headers(on: Stage) -> Told:
    """1,100 connections that begin a header and then say nothing more."""
    on.begin()
    with crowd(on.port, CROWD, b"GET /api/health HTTP/1.1\r\nHost: loc") as strangers:
        told, desk = on.told_to_a_patient(), on.told_to_the_desk()
        strangers.until_closed(seconds=server.HEADER_SECONDS + 20)
    last = max(strangers.ended)
    return Told(f"{told}; the stranger's last connection is closed after {last:.0f} s", desk)


def hard_passwords(on: Stage) -> Told:
    """30 strangers at once, each with an address of their own, register with a password that is dear to judge, then sign in."""
    draw = random.Random()
    people = [
        {
            "name": "Meera Nair",
            "email": f"hard-{draw.getrandbits(60):x}@example.com",
            "phone": "9876543210",
            "password": "".join(draw.choice(SIGNS) for _ in range(64)),
        }
        for _ in range(PASSWORDS)
    ]

    def post(path: str, person: dict[str, str], number: int) -> str:
        wanted = person if path == "register" else {name: person[name] for name in ("email", "password")}
        headers = {"X-Forwarded-For": f"192.0.2.{number + 1}"}
        answer = client.post(f"/api/auth/{path}", json=wanted, headers=headers)
        return f"{answer.status_code} from {path}"

    heard: Counter[str] = Counter()
    on.begin()
    with (
        httpx.Client(base_url=on.app.base_url, timeout=60, trust_env=False) as client,
        ThreadPoolExecutor(PASSWORDS) as pool,
    ):
        for path in ("register", "login"):
            answers = pool.map(post, [path] * PASSWORDS, people, range(PASSWORDS))
            told = on.told_to_a_patient()
            heard.update(answers)
    return Told(f"{told}; the strangers get {_counted(heard)}", on.told_to_the_desk())


def large_frames(on: Stage) -> Told:
    """30 sockets that send frames of 0.8 MB, or of just what is allowed, as fast as they can, and come again and again."""
    on.begin()
    until = time.monotonic() + FRAMES_SECONDS
    ends: Counter[str] = Counter()

    def one(number: int) -> list[str]:
        frame = _frame(800_000 if number % 2 else socket_filter.LARGEST - 10)
        found = []
        while time.monotonic() < until:
            found.append(_talk(on.port, number, frame, until))
        return found

    with ThreadPoolExecutor(SOCKETS) as pool:
        answers = pool.map(one, range(SOCKETS))
        told, desk = on.told_to_a_patient(), on.told_to_the_desk()
        for found in answers:
            ends.update(found)
    return Told(f"{told}; the stranger's sockets are {_counted(ends)}", desk)


def _talk(port: int, number: int, frame: bytes, until: float) -> str:
    """The end of a socket on which this frame is sent again and again."""
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [
        f"GET /_event/?EIO=4&transport=websocket&token=chaos-{number} HTTP/1.1", f"Host: localhost:{port}",
        f"Origin: http://localhost:{port}", "Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13", f"X-Forwarded-For: 192.0.2.{number + 1}",
    ]  # fmt: skip
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as talk:
            talk.sendall("\r\n".join([*lines, "", ""]).encode())
            if b" 101 " not in talk.recv(4096).partition(b"\r\n")[0]:
                return "refused"
            while time.monotonic() < until:
                talk.sendall(frame)
    except TimeoutError:
        return "no longer read"
    except OSError:
        return "hung up on"
    return PASSED


def _frame(size: int) -> bytes:
    """An event that no page knows, masked with zeros so that it costs no work here."""
    begin, end = '42/_event,["event",{"name":"nothing","payload":{"text":"', '"}}]'
    text = f"{begin}{'x' * (size - len(begin) - len(end))}{end}".encode()
    head = struct.pack("!BBH", 0x81, 0xFE, size) if size < 2**16 else struct.pack("!BBQ", 0x81, 0xFF, size)
    return head + b"\0\0\0\0" + text
