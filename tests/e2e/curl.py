"""A stand-in for curl, for the commands of the documents. The status of each answer goes to the file CURL_ANSWERS, and the
body to the file that `-o` names.
"""

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
    said.add_argument("-D", dest="dump", choices=["-"])
    said.add_argument("-o", dest="output")
    said.add_argument("-w", dest="last", choices=[r"%{http_code}\n"])
    said.add_argument("url")
    given = said.parse_args()
    headers = dict(one.split(": ", 1) for one in given.headers)
    if given.body is not None:
        headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    method = given.method or ("GET" if given.body is None else "POST")
    body = None if given.body is None else given.body.encode()
    answer = requests.request(method, given.url, data=body, headers=headers, timeout=30)
    answers = Path(os.environ["CURL_ANSWERS"])
    with answers.open("a") as log:
        log.write(f"{answer.status_code}\n")
    head = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
    if given.head:
        sys.stdout.write(f"HTTP/1.1 {answer.status_code}\r\n{head}\r\n")
    if given.dump:
        sys.stdout.write(head)
    if given.output:
        (answers.parent / Path(given.output).name).write_bytes(answer.content)
    else:
        sys.stdout.write(answer.text)
    if given.last:
        print(answer.status_code)


if __name__ == "__main__":
    main()
