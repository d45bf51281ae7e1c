"""An S3 of the tests' own: checks every signature by AWS's rules, checksums and keys, and keeps objects whole. An action
for fault/peer.py. By Amazon's documents: PutObject, HeadObject, ListObjectsV2, "Signature Version 4", "Checking object
integrity"."""

import base64
import datetime
import gzip
import hashlib
import re
import struct
import urllib.parse
import zlib

from hosted import StrictService
from strict_cloudwatch import signature

KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
ENVIRONMENT = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_EC2_METADATA_DISABLED": "true",
               "HOME": "/none"}
STAMP = re.compile(r"[0-9a-f]{32}-\d+-([0-9a-f]{8})\.ndjson(\.gz|\.zst)?")
FIFTEEN_MINUTES = 900


def error(status, code, more=""):
    return status, f"<Error><Code>{code}</Code><Message>it is so</Message>{more}</Error>".encode()


class StrictS3(StrictService):
    """`objects` are the plain texts by key, `stored` the lines as (none, line, key). `largest`: bytes that an object may
    have on the wire. `again` counts objects that were put once more, with the same lines."""

    def __init__(self, bucket="logs", region="us-east-1", largest=1 << 40, keys=None):
        super().__init__()
        self.bucket, self.region, self.largest = bucket, region, largest
        self.keys = keys if keys is not None else {KEY: SECRET}
        self.objects = {}
        self.again = 0

    @property
    def stored(self):
        return [(None, line, key) for key, body in list(self.objects.items()) for line in body.decode().splitlines()]

    @stored.setter
    def stored(self, value):
        pass

    def answer(self, request):
        path, _, query = request.path.partition("?")
        refusal = self.refusal(request, query)
        if refusal:
            return refusal
        bucket, _, key = urllib.parse.unquote(path).removeprefix("/").partition("/")
        self.must(urllib.parse.quote(f"/{bucket}/{key}", safe="/-_.~") == path, f"the path {path}")
        if bucket != self.bucket:
            return error(404, "NoSuchBucket")
        if request.method == "GET" and not key:
            self.must(query == "list-type=2&max-keys=1", query)
            return 200, b'<?xml version="1.0"?><ListBucketResult></ListBucketResult>'
        if request.method == "HEAD":
            return (200 if key in self.objects else 404), b""
        self.must(request.method == "PUT" and not query, f"{request.method} {request.path}")
        return self.put(key, request)

    def refusal(self, request, query):
        """Of the signature: https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html."""
        headers = request.headers
        found = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\S+), SignedHeaders=(\S+), Signature=([0-9a-f]{64})",
                             headers.get("authorization", ""))
        if not found:
            return error(403, "AccessDenied")
        key, scope, names, given = found.groups()
        time = headers["x-amz-date"]
        if key not in self.keys:
            return error(403, "InvalidAccessKeyId", f"<AWSAccessKeyId>{key}</AWSAccessKeyId>")
        age = datetime.datetime.now(datetime.timezone.utc) - datetime.datetime.strptime(time + "+0000", "%Y%m%dT%H%M%SZ%z")
        if abs(age.total_seconds()) > FIFTEEN_MINUTES:
            return error(403, "RequestTimeTooSkewed")
        if scope != f"{time[:8]}/{self.region}/s3/aws4_request":
            return error(400, "AuthorizationHeaderMalformed", f"<Region>{self.region}</Region>")
        signed = names.split(";")
        self.must(signed == sorted(signed), "the order of the signed headers")
        must_be = {"host"} | {name for name in headers if name.startswith("x-amz-")}
        self.must(must_be <= set(signed), f"not signed: {must_be - set(signed)}")
        hashed = hashlib.sha256(request.raw).hexdigest()
        if headers["x-amz-content-sha256"] != hashed:
            return error(400, "XAmzContentSHA256Mismatch")
        path, _, _ = request.path.partition("?")
        expected = signature(request.method, urllib.parse.unquote(path) + ("?" + query if query else ""), headers,
                             request.raw, self.keys[key], scope, signed, time)
        return None if given == expected else error(403, "SignatureDoesNotMatch")

    def put(self, key, request):
        headers = request.headers
        self.must(headers["content-type"] == "application/x-ndjson", "the content type")
        checksum = base64.b64encode(struct.pack("!I", zlib.crc32(request.raw))).decode()
        self.must(headers.get("x-amz-sdk-checksum-algorithm") == "CRC32", "the kind of the checksum")
        if headers.get("x-amz-checksum-crc32") != checksum:
            return error(400, "BadDigest")
        if len(request.raw) > self.largest:
            return error(400, "EntityTooLarge")
        ending = {None: "", "gzip": ".gz", "zstd": ".zst"}[headers.get("content-encoding")]
        name = STAMP.search(key)
        self.must(name and name.end() == len(key) and (name[2] or "") == ending and len(key) <= 1024, f"the key {key}")
        plain = gzip.decompress(request.raw) if ending == ".gz" else request.raw
        if ending == ".zst":
            plain = key.encode()  # the standard library cannot read it
        else:
            self.must(plain.endswith(b"\n"), "no newline at the end")
            self.must(int(name[1], 16) == zlib.crc32(plain), "the checksum in the key")
        if key in self.objects:
            self.again += 1
            self.must(self.objects[key] == plain, f"other lines under the key {key}")
        self.objects[key] = plain
        return 200, b""
