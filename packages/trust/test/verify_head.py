"""Verifies heads by docs/spec-head.md alone. Reads lines of base64 from standard input, and answers each with one line:
`ok <sha256 of the text>`, or the code of the refusal."""

import base64
import hashlib
import re
import sys
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
Y8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
SMALL_ORDER = {0, 1, P - 1, Y8, P - Y8}
ADDRESS = r"https://[a-z0-9]([a-z0-9.-]{0,252}[a-z0-9])?(:[1-9][0-9]{0,4})?(/[!-~]{0,2000})?"
WORDS = {"epoch", "key", "moved-to", "certified", "sequence", "time", "index", "details", "renew", "previous"}


class Refused(Exception):
    pass


def need(condition, code="HEAD_INVALID"):
    if not condition:
        raise Refused(code)


def canonical(text):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise Refused("HEAD_INVALID") from None
    need(base64.b64encode(data).decode() == text)
    return data


def usable(point):
    y = int.from_bytes(point, "little") & (2**255 - 1)
    return len(point) == 32 and y < P and y not in SMALL_ORDER


def signed(public, text, signature):
    if len(signature) != 64 or not usable(public) or not usable(signature[:32]):
        return False
    if int.from_bytes(signature[32:], "little") >= L:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
        return True
    except (InvalidSignature, ValueError):
        return False


def key_of(text, name):
    need(text.startswith(name + "+") and text[len(name) + 9 : len(name) + 10] == "+")
    typed = canonical(text[len(name) + 10 :])
    need(len(typed) == 33 and typed[0] == 1 and usable(typed[1:]))
    identity = hashlib.sha256(name.encode() + b"\n" + typed).digest()[:4]
    need(text[len(name) + 1 : len(name) + 9] == identity.hex())
    return identity, typed[1:]


def number(text):
    need(re.fullmatch(r"[1-9][0-9]{0,15}", text) and int(text) < 2**53)
    return int(text)


def time(text):
    need(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text))
    try:
        datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        raise Refused("HEAD_INVALID") from None


def digest(text):
    need(re.fullmatch(r"sha256:[0-9a-f]{64}", text))


def signature_line(line):
    match = re.fullmatch(r"\u2014 ([^ +]{1,256}) ([A-Za-z0-9+/=]+)", line)
    need(match)
    data = canonical(match[2])
    need(len(data) > 4)
    return match[1], data[:4], data[4:]


def verify(data):
    need(len(data) <= 128 * 1024)
    whole = data.decode("utf-8", "replace")
    at = whole.rfind("\n\n")
    need(at >= 0 and whole.endswith("\n"))
    text = whole[: at + 1]
    need(re.fullmatch(r"[ -~\n]*", text))
    lines = whole[at + 2 : -1].split("\n")
    need(len(lines) <= 64)
    signatures = [signature_line(line) for line in lines]

    rest = text[:-1].split("\n")

    def optional(word):
        if rest and rest[0].startswith(word + " "):
            return rest.pop(0)[len(word) + 1 :]
        return None

    def required(word):
        value = optional(word)
        need(value is not None)
        return value

    need(rest.pop(0) == "hitagi-head/v1" and rest)
    origin = rest.pop(0)
    need(re.fullmatch(r"[a-z0-9./_-]{1,200}", origin))
    number(required("epoch"))
    signing = []
    while (value := optional("key signing")) is not None:
        signing.append(key_of(value, origin))
    need(1 <= len(signing) <= 4)
    recovery_id, recovery = key_of(required("key recovery"), origin + "/recovery")
    need(len({public for _, public in signing} | {recovery}) == len(signing) + 1)
    moved = optional("moved-to")
    need(moved is None or re.fullmatch(ADDRESS, moved))
    certified_lines = text.split("\ncertified ")[0].split("\n")[1:]
    certified = canonical(required("certified"))
    sequence = number(required("sequence"))
    time(required("time"))
    digest(required("index"))
    details = required("details")
    need(details == "none" or digest(details) is None)
    renew = optional("renew")
    need(renew is None or time(renew) is None)
    previous = required("previous")
    count = 0
    while previous not in (None, "none"):
        parts = previous.split(" ")
        count += 1
        need(len(parts) == 2 and number(parts[0]) == sequence - count and count <= 64)
        digest(parts[1])
        previous = optional("previous")
    need(len(rest) <= 32)
    for line in rest:
        match = re.fullmatch(r"([a-z-]+) .*", line)
        need(match and match[1] not in WORDS)

    keys_text = "\n".join(["hitagi-keys/v1", *certified_lines, ""]).encode()
    need(certified[:4] == recovery_id and signed(recovery, keys_text, certified[4:]), "KEYS_NOT_CERTIFIED")
    by_key = 0
    for identity, public in signing:
        line = next((s for s in signatures if s[0] == origin and s[1] == identity), None)
        if line:
            need(signed(public, text.encode(), line[2]), "SIGNATURE_UNKNOWN")
            by_key += 1
    need(by_key > 0, "SIGNATURE_UNKNOWN")
    return hashlib.sha256(text.encode()).hexdigest()


for encoded in sys.stdin:
    try:
        print("ok", verify(base64.b64decode(encoded)))
    except Refused as refused:
        print(refused)
