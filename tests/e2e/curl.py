"""curl's stand-in for the commands of the documents; the status of each answer goes to the file CURL_ANSWERS."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import requests


def main() -> None:
    said = argparse.ArgumentParser(allow_abbrev=False)
    said.add_argument("-s", action="store_true")
    said.add_argument("-i", dest="head", action="store_true")
    said.add_argument("-X", dest="method")
    said.add_argument("-H", dest="headers", action="append", default=[])
    said.add_argument("-d", dest="body")
    said.add_argument("url")
    given = said.parse_args()
    headers = dict(one.split(": ", 1) for one in given.headers)
    if given.body is not None:
        headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    method = given.method or ("GET" if given.body is None else "POST")
    body = None if given.body is None else given.body.encode()
    answer = requests.request(method, given.url, data=body, headers=headers, timeout=30)
    with Path(os.environ["CURL_ANSWERS"]).open("a") as log:
        log.write(f"{answer.status_code}\n")
    if given.head:
        lines = (f"HTTP/1.1 {answer.status_code}", *(f"{k}: {v}" for k, v in answer.headers.items()), "", "")
        sys.stdout.write("\r\n".join(lines))
    sys.stdout.write(answer.text)


if __name__ == "__main__":
    main()
