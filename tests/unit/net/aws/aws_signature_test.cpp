#include "net/aws/aws_signature.hpp"

#include "record/timestamp.hpp"
#include "tests/catch.hpp"

using namespace ship;

namespace {

/// The key pair and the moment of AWS's published test suite for Signature Version 4.
const AwsCredentials kExample = {"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""};

std::string header(const HttpRequest& request, std::string_view name) {
  for (const auto& [key, value] : request.headers) {
    if (key == name) return value;
  }
  return {};
}

/// "SignedHeaders=…, Signature=…" of the request.
std::string signature_of(HttpRequest request, const std::string& token = {},
                         const std::string& service = "service") {
  AwsCredentials credentials = kExample;
  credentials.session_token = token;
  REQUIRE(sign_aws_request(request, credentials, {"us-east-1", service},
                           *parse_time("2015-08-30T12:36:00Z")));
  CHECK(header(request, "X-Amz-Date") == "20150830T123600Z");
  CHECK(header(request, "X-Amz-Security-Token") == token);
  const std::string text = header(request, "Authorization");
  const std::string head = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/" + service +
                           "/aws4_request, SignedHeaders=";
  REQUIRE(text.starts_with(head));
  return text.substr(head.size());
}

HttpRequest request_to(std::string_view method, std::string_view url) {
  HttpRequest request;
  request.method = method;
  request.url = url;
  return request;
}

}  // namespace

TEST_CASE("aws signature: agrees with AWS's published test suite", "[sinks][aws]") {
  const std::string bare = "host;x-amz-date, Signature=";
  CHECK(signature_of(request_to("GET", "https://example.amazonaws.com/")) ==
        bare + "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
  CHECK(signature_of(request_to("GET", "https://example.amazonaws.com")) ==
        bare + "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
  CHECK(signature_of(request_to("POST", "https://example.amazonaws.com/")) ==
        bare + "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
  CHECK(signature_of(
            request_to("GET", "https://example.amazonaws.com/?Param2=value2&Param1=value1")) ==
        bare + "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
  HttpRequest form = request_to("POST", "https://example.amazonaws.com/");
  form.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  form.body = "Param1=value1";
  CHECK(signature_of(form) ==
        "content-type;host;x-amz-date, Signature="
        "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a");
  CHECK(
      signature_of(
          request_to("POST", "https://example.amazonaws.com/"),
          "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRX"
          "mxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburED"
          "y0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64"
          "lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==") ==
      "host;x-amz-date;x-amz-security-token, Signature="
      "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead");
  HttpRequest repeated = request_to("GET", "https://example.amazonaws.com/");
  repeated.headers = {
      {"My-Header1", "value2"}, {"My-Header1", " value2 "}, {"My-Header1", "value1"}};
  CHECK(signature_of(repeated) ==
        "host;my-header1;x-amz-date, Signature="
        "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea");
}

TEST_CASE(
    "aws signature: a port of its own and unencoded marks in the query are signed as AWS reads "
    "them",
    "[sinks][aws]") {
  HttpRequest bulk = request_to(
      "POST", "https://search.example.com:9200/p/_bulk?filter_path=errors,items.*.status");
  bulk.headers = {{"Content-Type", "application/x-ndjson"}};
  bulk.body = "{}\n";
  CHECK(signature_of(bulk, "", "es") ==
        "content-type;host;x-amz-date, Signature="
        "91b5eb8c92c948716eb06f9e41bbb55d1d2f47d1c975867e4d86048c2d648b0e");
  HttpRequest encoded = bulk;
  encoded.url = "https://search.example.com:9200/p/_bulk?filter_path=errors%2Citems.%2A.status";
  CHECK(signature_of(encoded, "", "es") == signature_of(bulk, "", "es"));
  HttpRequest plain = request_to("GET", "https://example.amazonaws.com:443/");
  CHECK(signature_of(plain) == signature_of(request_to("GET", "https://example.amazonaws.com/")));
}

TEST_CASE("aws signature: a serverless collection also gets the hash of the body", "[sinks][aws]") {
  CHECK(signature_of(request_to("POST", "https://c.example.com/"), "", "aoss")
            .starts_with("host;x-amz-content-sha256;x-amz-date, "));
}

TEST_CASE("aws signature: a URL without a host is an error", "[sinks][aws]") {
  HttpRequest request = request_to("GET", "https:///x");
  CHECK(!sign_aws_request(request, kExample, {"r", "s"}, 0));
  request.url = "nonsense";
  CHECK(!sign_aws_request(request, kExample, {"r", "s"}, 0));
}

TEST_CASE("aws signature: agrees with the examples of S3's own documentation", "[sinks][aws][s3]") {
  const AwsCredentials keys = {"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                               ""};
  const auto signed_as = [&](HttpRequest request) {
    REQUIRE(
        sign_aws_request(request, keys, {"us-east-1", "s3"}, *parse_time("2013-05-24T00:00:00Z")));
    const std::string text = header(request, "Authorization");
    return text.substr(text.find("SignedHeaders="));
  };
  const std::string host = "https://examplebucket.s3.amazonaws.com";
  HttpRequest get = request_to("GET", host + "/test.txt");
  get.headers = {{"Range", "bytes=0-9"}};
  CHECK(signed_as(get) ==
        "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, Signature="
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  HttpRequest put = request_to("PUT", host + "/test%24file.text");
  put.headers = {{"Date", "Fri, 24 May 2013 00:00:00 GMT"},
                 {"x-amz-storage-class", "REDUCED_REDUNDANCY"}};
  put.body = "Welcome to Amazon S3.";
  CHECK(signed_as(put) ==
        "SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class, Signature="
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
  const std::string bare = "SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=";
  CHECK(signed_as(request_to("GET", host + "/?lifecycle")) ==
        bare + "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
  CHECK(signed_as(request_to("GET", host + "/?max-keys=2&prefix=J")) ==
        bare + "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}
