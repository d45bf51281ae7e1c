#!/usr/bin/env python3
"""Writes the two corpora for redaction: secrets.ndjson (lines with a secret that must not come through) and
lookalikes.ndjson (lines that must come through unchanged). Everything is made up, and made here, so that no text
in the repository has the form of a secret. The same output at each run.

    generate.py DIRECTORY

A line of secrets.ndjson: {"kind":…, "place":…, "secret":…, "line":…}; of lookalikes.ndjson: {"kind":…, "line":…}.
"line" is a line as fapilog writes it, as text."""

import base64
import json
import os
import random
import string
import sys
import uuid

random = random.Random(20261122)
ALNUM = string.ascii_letters + string.digits
HEX = "0123456789abcdef"
UPPER = string.ascii_uppercase + string.digits


def chars(count, alphabet=ALNUM):
    return "".join(random.choice(alphabet) for _ in range(count))


def mixed(count, alphabet=ALNUM):
    """Like chars, with a digit, a small and a capital letter in it for certain."""
    return chars(count - 3, alphabet) + "7qZ"


def b64(count):
    return base64.b64encode(bytes(random.randrange(256) for _ in range(count))).decode()


def b64url(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def luhn(digits):
    total = 0
    for index, digit in enumerate(reversed(digits)):
        value = int(digit)
        if index % 2 == 1:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return total % 10


def card(prefix, size):
    body = prefix + chars(size - len(prefix) - 1, string.digits)
    return next(body + digit for digit in string.digits if luhn(body + digit) == 0)


def iban(country, body):
    digits = "".join(str(int(c, 36)) for c in body + country + "00")
    return f"{country}{98 - int(digits) % 97:02d}{body}"


# Secrets. Each kind is a function; PLACES says where it can stand.

WORDS = ["correct", "horse", "battery", "staple", "tulip", "amber", "winter", "falcon", "copper", "meadow"]


def password():
    return random.choice([
        lambda: random.choice(WORDS) + str(random.randrange(10, 9999)),
        lambda: "".join(word.title() for word in random.sample(WORDS, 2)) + "!" + str(random.randrange(100)),
        lambda: mixed(12) + "#" + chars(3),
        lambda: random.choice(WORDS) + "-" + random.choice(WORDS) + "-" + chars(4, string.digits),
    ])()


KINDS = {
    "password": password,
    "api_key": lambda: chars(32, HEX),
    "opaque_token": lambda: mixed(40),
    "jwt": lambda: b64url({"alg": "HS256", "typ": "JWT"}) + "." + b64url({"sub": chars(8), "iat": 1700000000}) + "." + chars(43),
    "aws_key": lambda: "AK" + "IA" + chars(16, UPPER),
    "aws_secret": lambda: mixed(40, ALNUM + "/+"),
    "github_token": lambda: "gh" + random.choice("pousr") + "_" + chars(36),
    "github_pat": lambda: "github" + "_pat_" + chars(22) + "_" + chars(59),
    "gitlab_token": lambda: "gl" + "pat-" + chars(20),
    "slack_token": lambda: "xox" + random.choice("bp") + "-" + chars(12, string.digits) + "-" + chars(24),
    "stripe_key": lambda: random.choice(["sk", "rk"]) + "_" + random.choice(["live", "test"]) + "_" + chars(24),
    "google_key": lambda: "AI" + "za" + chars(35),
    "google_oauth": lambda: "GOC" + "SPX-" + chars(28),
    "npm_token": lambda: "npm" + "_" + chars(36),
    "pypi_token": lambda: "pypi-" + "AgEIcHlwaS5vcmc" + chars(60),
    "sendgrid_key": lambda: "SG" + "." + chars(22) + "." + chars(43),
    "openai_key": lambda: "sk" + "-proj-" + mixed(48),
    "huggingface_token": lambda: "hf" + "_" + chars(34),
    "vault_token": lambda: "hv" + "s." + chars(90),
    "digitalocean_token": lambda: "dop" + "_v1_" + chars(64, HEX),
    "basic_auth": lambda: base64.b64encode(f"{random.choice(WORDS)}:{password()}".encode()).decode(),
    "private_key": lambda: "\n".join(["-----BEGIN " + random.choice(["RSA ", "EC ", "OPENSSH ", ""]) + "PRIVATE KEY-----"]
                                     + [b64(48) for _ in range(4)]) + "\n-----END PRIVATE KEY-----",
    "session_cookie": lambda: "session=" + mixed(32) + "; theme=dark",
    "email": lambda: f"{random.choice(WORDS)}.{random.choice(WORDS)}{random.choice(['', '+shop', str(random.randrange(99))])}"
                     f"@{random.choice(['example', 'mail.example', 'my-company'])}.{random.choice(['com', 'org', 'co.uk', 'museum'])}",
    "phone": lambda: random.choice([
        lambda: f"+49 30 {chars(4, '123456789')} {chars(4, string.digits)}",
        lambda: f"+1-{random.randrange(201, 989)}-{random.randrange(200, 999)}-{chars(4, string.digits)}",
        lambda: f"({random.randrange(201, 989)}) {random.randrange(200, 999)}-{chars(4, string.digits)}",
        lambda: f"{random.randrange(201, 989)}.{random.randrange(200, 999)}.{chars(4, string.digits)}",
        lambda: f"+447{chars(9, string.digits)}",
        lambda: f"+33 6 {' '.join(chars(2, string.digits) for _ in range(4))}",
    ])(),
    "card": lambda: random.choice([
        lambda: card("4", 16), lambda: card("5" + chars(1, "12345"), 16), lambda: card("37", 15),
        lambda: " ".join((lambda n: [n[i:i + 4] for i in range(0, 16, 4)])(card("4", 16))),
        lambda: "-".join((lambda n: [n[i:i + 4] for i in range(0, 16, 4)])(card("52", 16))),
        lambda: card("6011", 16),
    ])(),
    "iban": lambda: random.choice([
        lambda: iban("DE", chars(18, string.digits)),
        lambda: iban("GB", "WEST" + chars(14, string.digits)),
        lambda: (lambda n: " ".join(n[i:i + 4] for i in range(0, len(n), 4)))(iban("FR", chars(23, string.digits))),
        lambda: iban("NL", "ABNA" + chars(10, string.digits)),
    ])(),
    "ipv4": lambda: f"{random.choice([10, 81, 172, 192, 203])}.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(1, 255)}",
    "ipv6": lambda: random.choice([
        lambda: "2001:db8:" + ":".join(chars(4, HEX) for _ in range(5)) + ":8a2e",
        lambda: "2001:db8::" + chars(3, HEX) + "1",
        lambda: "fe80::" + chars(4, HEX) + ":" + chars(4, HEX) + ":1",
    ])(),
    "ssn": lambda: f"{random.randrange(100, 665)}-{random.randrange(10, 99)}-{random.randrange(1000, 9999)}",
}

CREDENTIALS = [kind for kind in KINDS if kind not in ("email", "phone", "card", "iban", "ipv4", "ipv6", "ssn")]
PERSONAL = ["email", "phone", "card", "iban", "ipv4", "ipv6", "ssn"]

FIELD_NAMES = {
    "password": ["password", "db_password", "userPassword", "PGPASSWORD", "passwd"],
    "api_key": ["api_key", "apiKey", "X-Api-Key", "stripe_api_key"],
    "opaque_token": ["access_token", "refreshToken", "auth_token", "token", "id_token"],
    "aws_secret": ["aws_secret_access_key", "secretAccessKey", "client_secret"],
    "basic_auth": ["Authorization", "authorization"],
    "session_cookie": ["Cookie", "set-cookie"],
    "private_key": ["private_key", "privateKey"],
    "email": ["email", "user_email"], "phone": ["phone", "phone_number"], "card": ["card_number", "payment"],
    "iban": ["iban", "target"], "ipv4": ["client_ip", "peer"], "ipv6": ["remote_addr", "peer"], "ssn": ["ssn", "subject"],
}
# What the text around it is where nothing of its own form gives it away.
ASSIGNED = {
    "password": ["password={}", "passwd: {}", "pwd={};", "'password': '{}'", "password => {}", "passphrase=\"{}\""],
    "api_key": ["api_key={}", "X-API-KEY: {}", "apikey=\"{}\"", "'api_key': '{}'"],
    "opaque_token": ["access_token={}", "Bearer {}", "token={}", "Authorization: Bearer {}", "refresh_token: {}"],
    "aws_secret": ["aws_secret_access_key={}", "client_secret={}", "secret_key: {}"],
    "basic_auth": ["Authorization: Basic {}", "authorization=Basic {}"],
    "session_cookie": ["Cookie: {}", "Set-Cookie: {}"],
}


def envelope(level="INFO", message="request handled", data=None, context=None, exception=None):
    diagnostics = {"env": "prod", "host": "web-01", "origin": "native", "pid": 29590, "python": "3.11.7", "service": "orders"}
    if exception:
        diagnostics["exception"] = exception
    log = {"context": {"correlation_id": "req-" + chars(8, HEX), "message_id": str(uuid.UUID(int=random.getrandbits(128), version=4)),
                       **(context or {})},
           "data": data if data is not None else {"order_id": random.randrange(9999)},
           "diagnostics": diagnostics, "level": level, "logger": "orders-api", "message": message,
           "timestamp": "2026-11-22T09:09:09.624Z"}
    return {"log": log, "schema_version": "1.1"}


def dump(record):
    return json.dumps(record, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def in_text(kind, secret):
    return random.choice(ASSIGNED[kind]).format(secret) if kind in ASSIGNED else secret


def place_field(kind, secret):
    return dump(envelope(data={random.choice(FIELD_NAMES.get(kind, ["value", "detail", "arg"])): secret, "n": 3}))


def place_nested(kind, secret):
    name = random.choice(FIELD_NAMES.get(kind, ["value", "detail", "arg"]))
    return dump(envelope(data={"request": {"headers": [{"x": 1}, {name: secret}], "attempt": 2}, "ok": True}))


def place_message(kind, secret):
    return dump(envelope("WARNING", random.choice(["upstream refused {} after 3 attempts", "got {}", "connecting with {} to db-1",
                                                   "retry: {}", "user said \"{}\""]).format(in_text(kind, secret))))


def place_traceback(kind, secret):
    text = in_text(kind, secret)
    stack = ("Traceback (most recent call last):\n  File \"/srv/app/client.py\", line 16, in call\n"
             f"    raise ClientError(\"{text}\")\nClientError: {text}\n")
    return dump(envelope("ERROR", "call failed", exception={"error.message": text, "error.stack": stack, "error.type": "ClientError"}))


def place_url(kind, secret):
    name = {"password": "password", "api_key": "api_key", "aws_secret": "client_secret"}.get(kind, "access_token")
    return dump(envelope(message=f"GET https://api.example.com/v1/items?page=2&{name}={secret}&limit=10 200"))


def place_userinfo(kind, secret):
    scheme = random.choice(["postgres", "https", "amqp", "redis", "mongodb+srv"])
    return dump(envelope(message=f"cannot reach {scheme}://service:{secret}@db.internal:5432/orders"))


def place_json_text(kind, secret):
    name = random.choice(FIELD_NAMES.get(kind, ["value", "detail", "arg"]))
    body = json.dumps({"user": "u-1", name: secret, "items": [1, 2.50]})
    return dump(envelope(data={"body": body, "status": 400}))


def place_json_twice(kind, secret):
    name = random.choice(FIELD_NAMES.get(kind, ["value", "detail", "arg"]))
    inner = json.dumps({"message": "line one\n" + in_text(kind, secret), name: secret})
    return dump(envelope(data={"event": json.dumps({"Records": [{"body": inner}]})}))


def place_repr(kind, secret):
    name = random.choice(FIELD_NAMES.get(kind, ["value", "detail", "arg"]))
    return dump(envelope(message=f"payload {{'id': 7, '{name}': '{secret}'}} rejected"))


def place_list(kind, secret):
    return dump(envelope(data={"args": ["--verbose", in_text(kind, secret), 17]}))


def place_escaped(kind, secret):
    line = dump(envelope(message=f"seen {in_text(kind, secret)} again"))
    plain = json.dumps(secret)[1:-1]
    return line.replace(plain, "".join(f"\\u{ord(c):04x}" if index % 3 == 0 and c.isprintable() and c not in "\\\""
                                       else json.dumps(c)[1:-1] for index, c in enumerate(secret)))


def place_key(kind, secret):
    return dump(envelope(data={"by_user": {secret: 3}}))


def place_flat(kind, secret):
    return dump({"level": "info", "time": 1700000000000, "pid": 1, "msg": f"seen {in_text(kind, secret)}"})


def place_command(kind, secret):
    option = {"password": "--password", "api_key": "--api-key", "opaque_token": "--token", "aws_secret": "--client-secret"}[kind]
    return dump(envelope("ERROR", random.choice(["exec deploy {} {} --verbose failed", "argv: ['deploy', '{}', '{}', '-v']", "run {}={} && exit"])
                         .format(option, secret)))


def place_settings(kind, secret):
    name = {"password": "DB_PASS", "api_key": "STRIPE_API_KEY", "opaque_token": "CI_AUTH_TOKEN", "aws_secret": "AWS_SECRET_ACCESS_KEY"}[kind]
    return dump(envelope("DEBUG", f"environment: PATH=/usr/bin:/bin\n{name}={secret}\nHOME=/root\nServer=db-1;User Id=sa;Password={secret};Encrypt=yes"))


EVERYWHERE = [place_field, place_nested, place_message, place_traceback, place_json_text, place_json_twice, place_repr,
              place_list, place_flat]


def places(kind):
    found = list(EVERYWHERE)
    if kind not in ("private_key", "session_cookie", "basic_auth"):
        found.append(place_escaped)
    if kind in ("password", "api_key", "opaque_token", "aws_secret", "jwt"):
        found.append(place_url)
    if kind in ("password", "api_key", "opaque_token", "aws_secret"):
        found += [place_command, place_settings]
    if kind in ("password", "opaque_token", "api_key"):
        found.append(place_userinfo)
    if kind in PERSONAL:
        found.append(place_key)
    if kind == "private_key":
        found.remove(place_repr)
    if kind in ("session_cookie",):
        found = [place_field, place_nested, place_message, place_json_text]
    return found


def secrets():
    for kind, make in KINDS.items():
        for place in places(kind):
            for _ in range(2):
                secret = make()
                if place is place_url or place is place_userinfo:
                    secret = secret.replace("#", "-").replace("+", "-").replace("/", "-").replace("!", "-")
                shown = secret
                if kind == "session_cookie":
                    shown = secret.split(";")[0].split("=")[1]
                if kind == "private_key":
                    shown = secret.split("\n")[2]
                yield {"kind": kind, "place": place.__name__[6:], "secret": shown, "line": place(kind, secret)}


# Look-alikes.

TEXTS = [
    "password reset requested", "Invalid password for user bob", "password: required", "password must have 12 characters",
    "Password: must be at least 8 characters", "the password: it was changed by the user", "password: ********",
    "client_secret=<redacted>", "password=${DB_PASSWORD}", "password=%s", "passwords do not match", "password: None",
    "api_key: missing", "api key not set", "secret: not found", "pwd=/srv/app/current", "unexpected token: '}'",
    "Unexpected token < in JSON at position 0", "token: expired", "token=EOF", "token expired for user-93", "invalid bearer token",
    "Bearer authentication is required", "basic authentication failed", "Basic realm=orders", "Authorization: required",
    "authorization: denied for user u-77", "credentials: include", "no credentials found", "cookie: disabled", "Cookies: none",
    "author: Jane Doe", "authored by build-bot", "monkey=banana", "the secretary: Jane", "keyboard: qwerty", "key=order:93761",
    "cache key=user:93761:profile", "session: started", "session=new", "page_token=CAESBggKEAEYAg", "next_token: 5f3a9c",
    "max_tokens=512", "tokens: 1532", "token_count=1532", "csrf: ok", "commit {sha1} merged", "etag \"{md5}\"", "sha256:{sha256}",
    "build {sha1} of main", "digest={sha256}", "trace {md5} finished", "uuid {uuid}", "request {uuid} took 12 ms",
    "took 1700000000000000000 ns", "at 1700000000000", "offset 17000000000000000", "id 1234567890123456", "order 4111111111111112",
    "part 5500000000000005", "number 1234 5678 9012 3456", "isbn 978-3-16-148410-0", "ticket 123-45-67890", "ref 000-12-3456",
    "ref 987-65-4321", "ref 123-00-4567", "date 2026-11-22 to 2026-12-31", "port 8080-8090", "call 123-456-7890 of queue", "1-800 lines",
    "+10 minutes", "UTC+5", "2026-11-22T09:09:09.624+01:00", "delta +1500 ms", "x+1 = 12", "lat 52.520008 lon 13.404954",
    "version 1.2.3.4", "v10.0.19041.1 installed", "Chrome/118.0.5993.70 Safari/537.36", "release 4.18.0.305", "curl/7.88.1",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/91.0.4472.124 Safari/537.36",
    "oid 1.3.6.1.4.1.311", "listening on 127.0.0.1:8080", "bound to 0.0.0.0:80", "listening on [::]:8080", "ping ::1 ok",
    "at 12:34:56 and 23:59:59.999", "mac aa:bb:cc:dd:ee:ff", "std::vector<int>::push_back", "Foo::Bar::baz", "mod ada::cafe",
    "icon@2x.png loaded", "npm install react@18.2.0", "git@github.com:org/repo.git", "user@host", "getty@tty1.service started",
    "@decorator used", "pkg@1.2.3-beta.rc", "postgres@localhost", "10 @ 3.50 EUR", "see https://example.com/@user/post",
    "GET https://example.com:8443/a/b?x=1", "redis://localhost:6379/0", "ssh://git@example.com/repo", "amqp://broker:5672/vhost",
    "https://example.com/reset-password?step=2", "s3://bucket/secret/key.txt", "sk-loading-spinner-container-large", "task-sk-1234",
    "eyJ is base64 for a brace", "eyJhbGciOiJIUzI1NiJ9", "-----BEGIN CERTIFICATE-----", "-----BEGIN PUBLIC KEY-----", "AKIA is a prefix",
    "ghp_short", "xoxb- prefix", "AIza too short", "DE00 1234 5678 9012 3456 78", "AB12 3456 7890 123", "GB82 TEST 1234 5698 7654 33",
    "IN 2026 0001 0002 0003", "sku US64-SVBK-US6S-3300", "rgb(255,255,255)", "0x7f3a9c5500000000", "3.14159265358979",
    "1e308", "row 4:5:6:7", "ratio 16:9", "hex dead:beef", "path /etc/ssl/private/key.pem", "user-agent: curl/8.4.0",
    "x-request-id: {uuid}", "traceparent: 00-{md5}-{span}-01", "W/\"{md5}\"", "cluster prod-eu-1.internal", "pod orders-7d9f8b6c5-x2x9z",
    "image registry.internal/app@sha256:{sha256}", "arn:aws:iam::123456789012:role/app", "bucket-123456789012-logs", "eni-0123456789abcdef0",
    "i-0123456789abcdef0 started", "vpc-0a1b2c3d", "pwd", "secret santa", "api_key", "bearer of bad news arrived", "tokenizer=whitespace",
    "passed=12 failed=0", "pass 3 of 5", "passenger=12", "bypass: enabled", "use --password to set one", "--token is required", "--token-file /run/token", "docker login --password-stdin", "accessKeyRotation: on", "password_policy=strict",
    "password_hint: true", "otp: required", "otp sent", "PIN pad ready", "pin=5", "signature valid", "signature: ok", "sid=7",
]
DATA = [
    {"author": "Jane Doe"}, {"authors": ["a", "b"]}, {"authored": True}, {"password_changed": True}, {"reset_password": True},
    {"has_password": False}, {"show_password": True}, {"token_count": 512}, {"max_tokens": 4096}, {"tokens": 1532}, {"next_token": "5f3a9c"},
    {"page_token": "CAESBggKEAEYAg"}, {"monkey": 1}, {"keyboard": "qwerty"}, {"key": "order:93761"}, {"cache_key": "user:1:profile"},
    {"primary_key": "id"}, {"foreign_keys": ["a_id"]}, {"passed": 12}, {"bypass": True}, {"secretary": "Jane"}, {"authenticated": True},
    {"auth_method": "oidc"}, {"auth": "none"}, {"session": {"started": True}}, {"cookies_enabled": True}, {"phone_verified": True},
    {"email_sent": True}, {"email_count": 3}, {"address": "0x7f3a9c55"}, {"name": "orders"}, {"hostname": "web-01"}, {"filename": "a.txt"},
    {"state": "ready"}, {"country": "DE"}, {"url": "https://example.com/a"}, {"image": "app:1.2.3"}, {"version": "1.2.3.4"},
    {"pan_zoom": 3}, {"expired": False}, {"expires_in": 3600}, {"cvs": 1}, {"spin": 5}, {"pinned": True}, {"mobility": 1},
    {"company": "ACME"}, {"ip": "127.0.0.1"}, {"ratio": 16.9}, {"n": 1700000000000000000}, {"id": 12345678901234567890}, {"x": 1e3},
    {"price": 4111.11}, {"latency_ns": 1700000000123456789}, {"sha": "{sha1}"}, {"etag": "{md5}"}, {"digest": "sha256:{sha256}"}, {"id": "{uuid}"},
    {"span_id": "{span}"}, {"trace_id": "{md5}"}, {"nested": {"token_type": "Bearer", "expires_in": 3600}}, {"grant_type": "client_credentials"},
    {"token_type": "bearer"}, {"password": None}, {"password": ""}, {"api_key": "***"}, {"authorization": "***"},
    {"body": "{\"ok\":true,\"items\":[1,2.50,1e3],\"note\":\"a \\u00e9 b\"}"}, {"body": "[1,2,3]"}, {"body": "{not json"},
    {"sql": "SELECT id, token_count FROM t WHERE author = 'x' AND version = '1.2.3.4'"}, {"headers": {"Accept": "*/*", "X-Request-Id": "{uuid}"}},
]


def fill(text):
    values = {"sha1": chars(40, HEX), "md5": chars(32, HEX), "sha256": chars(64, HEX), "span": chars(16, HEX),
              "uuid": str(uuid.UUID(int=random.getrandbits(128), version=4))}
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text


def fill_all(value):
    if isinstance(value, str):
        return fill(value) if "{" in value else value
    if isinstance(value, dict):
        return {key: fill_all(child) for key, child in value.items()}
    return value


def lookalikes():
    for text in TEXTS:
        filled = fill(text)
        yield {"kind": "message", "line": dump(envelope(message=filled))}
        trace = f"Traceback (most recent call last):\n  File \"/srv/app.py\", line 3, in f\nValueError: {filled}\n"
        yield {"kind": "traceback", "line": dump(envelope("ERROR", "failed", exception={"error.stack": trace, "error.type": "ValueError"}))}
    for data in DATA:
        yield {"kind": "data", "line": dump(envelope(data=fill_all(data)))}
        yield {"kind": "flat", "line": dump({"level": "info", "msg": "done", **fill_all(data)})}


def main():
    directory = sys.argv[1]
    os.makedirs(directory, exist_ok=True)
    for name, rows in (("secrets", secrets()), ("lookalikes", lookalikes())):
        with open(os.path.join(directory, name + ".ndjson"), "w", encoding="utf-8") as file:
            count = 0
            for row in rows:
                json.loads(row["line"])
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
                count += 1
        print(f"{name}.ndjson: {count} lines")


if __name__ == "__main__":
    main()
