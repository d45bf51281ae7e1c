#include "stage/redact/redactor.hpp"

#include <string>

#include "stage/redact/redaction_presets.hpp"
#include "tests/unit/stage/redact/redaction.hpp"

using namespace ship;
using namespace ship::test;

namespace {

std::string error_of(const RedactSettings& settings) {
  const auto plan = RedactionPlan::compile(settings);
  REQUIRE(!plan);
  CHECK(plan.error().kind == ErrorKind::config);
  return plan.error().message;
}

}  // namespace

TEST_CASE("redact: a field's value is masked, all around it stays as it is written", "[redact]") {
  Redaction redact(fields({"password"}));
  CHECK(redact(R"( { "a" : 1.0 , "password" : "x\"y" ,"b":[ 1e3,"\u00e9" ] } )") ==
        R"( { "a" : 1.0 , "password" : "***" ,"b":[ 1e3,"\u00e9" ] } )");
  CHECK(redact(R"({"password":123,"n":{"password":[1,{"x":2}]},"password":true})") ==
        R"({"password":"***","n":{"password":"***"},"password":"***"})");
}

TEST_CASE("redact: what tells nothing stays", "[redact]") {
  Redaction redact(fields({"password"}));
  for (const std::string line :
       {R"({"password":null})", R"({"password":""})", R"({"password":"***"})",
        R"({"passwords":"x"})", R"({"x":"password"})"}) {
    CHECK(redact(line) == line);
    CHECK(redact.outcome == Transform::Outcome::unchanged);
  }
}

TEST_CASE("redact: paths reach into the envelope and into arrays", "[redact]") {
  Redaction redact(fields({"data.users.email", ".message"}));
  CHECK(redact(R"({"log":{"data":{"users":[{"email":"a"},{"email":"b","x":1}]},"message":"m"}})") ==
        R"({"log":{"data":{"users":[{"email":"***"},{"email":"***","x":1}]},"message":"***"}})");
  CHECK(redact(R"({"data":{"x":{"users":{"email":"a"}}},"x":{"message":"m"}})") ==
        R"({"data":{"x":{"users":{"email":"a"}}},"x":{"message":"m"}})");
}

TEST_CASE("redact: keys are found however they are spelled", "[redact]") {
  Redaction redact(fields({"api_key"}));
  CHECK(redact(R"({"apiKey":"1","API-KEY":"2","\u0061pi_key":"3"})") ==
        R"({"apiKey":"***","API-KEY":"***","\u0061pi_key":"***"})");
}

TEST_CASE("redact: fields are found in JSON that is the text of a string", "[redact]") {
  Redaction redact(fields({"password"}));
  CHECK(redact(R"({"body":"{\"a\":1.0,\"password\":\"hun\\\"ter\",\"b\":\"\\u00e9\"}","n":1})") ==
        R"({"body":"{\"a\":1.0,\"password\":\"***\",\"b\":\"\\u00e9\"}","n":1})");
  CHECK(redact(R"({"b":"[{\"c\":\"{\\\"password\\\":\\\"x\\\",\\\"d\\\":1}\"}]"})") ==
        R"({"b":"[{\"c\":\"{\\\"password\\\":\\\"***\\\",\\\"d\\\":1}\"}]"})");
}

TEST_CASE("redact: a name that stands beside its value is the name of a field", "[redact]") {
  Redaction redact(presets({"credentials"}));
  CHECK(redact(
            R"({"env":[{"name":"DB_PASSWORD","value":"hunter2"},{"name":"HOME","value":"/a"}]})") ==
        R"({"env":[{"name":"DB_PASSWORD","value":"***"},{"name":"HOME","value":"/a"}]})");
  CHECK(redact(R"({"Value":"hunter2","Key":"db_password"})") ==
        R"({"Value":"***","Key":"db_password"})");
  CHECK(redact(R"({"a":"{\"name\":\"db_password\",\"value\":\"hunter2\"}"})") ==
        R"({"a":"{\"name\":\"db_password\",\"value\":\"***\"}"})");
  CHECK(redact(R"({"value":1234,"name":"x","key":"db_password","value":"b"})") ==
        R"({"value":"***","name":"x","key":"db_password","value":"***"})");
  CHECK(redact(R"({"name":"db_passwords_seen","value":"no"})") ==
        R"({"name":"db_passwords_seen","value":"no"})");
  CHECK(redact(R"({"n\u0061me":"db_p\u0061ssword","v\u0061lue":"hunter2"})") ==
        R"({"n\u0061me":"db_p\u0061ssword","v\u0061lue":"***"})");
  CHECK(redact(R"({"values":"a","name":"db_password","n":1})") ==
        R"({"values":"a","name":"db_password","n":1})");
}

TEST_CASE("redact: JSON text that was cut off gives up the fields in front of the cut",
          "[redact]") {
  Redaction redact(fields({"password"}));
  CHECK(redact(R"({"body":"{\"password\":\"x\",\"a\":{\"b\":\"cut o"})") ==
        R"({"body":"{\"password\":\"***\",\"a\":{\"b\":\"cut o"})");
}

TEST_CASE("redact: removing a member takes its comma along", "[redact]") {
  Redaction redact(fields({"x", "y"}, RedactAction::remove));
  CHECK(redact(R"({"x":1,"a":2,"b":3})") == R"({"a":2,"b":3})");
  CHECK(redact(R"({"a":2,"x":1,"b":3})") == R"({"a":2,"b":3})");
  CHECK(redact(R"({"a":2,"b":3,"x":1})") == R"({"a":2,"b":3})");
  CHECK(redact(R"({"a":2,"x":1,"y":[1,2]})") == R"({"a":2})");
  CHECK(redact(R"({"x":1,"y":2})") == "{}");
  CHECK(redact(R"({"x":1,"a":{"y":1},"y":2})") == R"({"a":{}})");
  CHECK(redact(R"({ "x" : 1 , "a" : 2 , "y" : 3 })") == R"({ "a" : 2 })");
}

TEST_CASE("redact: the same secret gets the same token, under one key", "[redact]") {
  Redaction redact(fields({"user"}, RedactAction::hash));
  const std::string first = redact(R"({"user":"caf\u00e9"})");
  CHECK(first.size() == std::string(R"({"user":"hmac:0123456789abcdef"})").size());
  CHECK(first.find("hmac:") != std::string::npos);
  CHECK(redact(R"({"user":"café"})") == first);
  CHECK(redact(R"({"user":"cafe"})") != first);
  CHECK(redact(first) == first);
  RedactSettings other = fields({"user"}, RedactAction::hash);
  other.hash_key = Secret::literal("other key");
  CHECK(Redaction(other)(R"({"user":"café"})") != first);
}

TEST_CASE("redact: a partial mask shows the end of what is long enough", "[redact]") {
  Redaction redact(fields({"v"}, RedactAction::partial));
  CHECK(redact(R"({"v":"0123456789abcdef"})") == R"({"v":"***def"})");
  CHECK(redact(R"({"v":"0123456789abcdefghij0123456789"})") == R"({"v":"***6789"})");
  CHECK(redact(R"({"v":"short"})") == R"({"v":"***"})");
  CHECK(redact(R"({"v":"alice@example.com"})") == R"({"v":"***@example.com"})");
  CHECK(redact(R"({"v":"aaaaaaaaaaaaéééé"})") == R"({"v":"***ééé"})");
  CHECK(redact(R"({"v":4111111111111111})") == R"({"v":"***111"})");
}

TEST_CASE("redact: actions can be set for single fields and patterns", "[redact]") {
  RedactSettings settings = presets({"email"});
  settings.fields = {"user_id", "password"};
  settings.actions = {{"user_id", RedactAction::hash}, {"email", RedactAction::partial}};
  Redaction redact(settings);
  const std::string out = redact(R"({"user_id":"u1","password":"x","m":"to bob@example.com"})");
  CHECK(out.find(R"("password":"***","m":"to ***@example.com")") != std::string::npos);
  CHECK(out.find(R"("user_id":"hmac:)") != std::string::npos);
}

TEST_CASE("redact: secrets are found in message text, keys, numbers and lists", "[redact]") {
  Redaction redact(presets({"credentials", "pii"}));
  CHECK(redact(R"({"m":"login with password=hunter2, retry"})") ==
        R"({"m":"login with password=***, retry"})");
  CHECK(redact(R"({"m":["a","mail bob@example.com now"]})") == R"({"m":["a","mail *** now"]})");
  CHECK(redact(R"({"by":{"bob@example.com":3}})") == R"({"by":{"***":3}})");
  CHECK(redact(R"({"card":4111111111111111,"n":4111111111111112})") ==
        R"({"card":"***","n":4111111111111112})");
}

TEST_CASE("redact: escapes neither hide a secret nor are touched around it", "[redact]") {
  Redaction redact(presets({"credentials", "pii"}));
  CHECK(redact(R"({"m":"a\/b\n\u0062ob\u0040example.com\t\u00e9"})") ==
        R"({"m":"a\/b\n***\t\u00e9"})");
  CHECK(redact(R"({"m":"\"pass\u0077ord\": \"hun\\ter2\" ok\u0021"})") ==
        R"({"m":"\"pass\u0077ord\": \"***\" ok\u0021"})");
}

TEST_CASE("redact: in JSON text secrets are replaced inside of the inner strings", "[redact]") {
  Redaction redact(presets({"credentials", "pii"}));
  CHECK(redact(R"({"b":"{\"m\":\"one\\npassword=x1\\ntwo\",\"mail\":\"a@example.com\"}"})") ==
        R"({"b":"{\"m\":\"one\\npassword=***\\ntwo\",\"mail\":\"***\"}"})");
}

TEST_CASE("redact: escapes of JSON text within JSON text hide nothing", "[redact]") {
  Redaction redact(presets({"credentials", "pii"}));
  // JSON as the text of a string, with one level of it and with two.
  CHECK(redact(R"({"message":"{\"user\":\"joe\\u0040example.com\"}"})") ==
        R"({"message":"{\"user\":\"***\"}"})");
  CHECK(redact(R"({"message":"{\"a\":\"{\\\"user\\\":\\\"joe\\\\u0040example.com\\\"}\"}"})") ==
        R"({"message":"{\"a\":\"{\\\"user\\\":\\\"***\\\"}\"}"})");
  CHECK(redact(R"({"message":"{\"pass\\u0077ord\":\"\\u0068unter2\",\"n\":1}"})") ==
        R"({"message":"{\"pass\\u0077ord\":\"***\",\"n\":1}"})");
  CHECK(redact(R"({"m":"{\"m\":\"one\\nsid=q7Xk29aLmZ04\\ttwo\"}"})") ==
        R"({"m":"{\"m\":\"one\\nsid=***\\ttwo\"}"})");
  // A string that was written as JSON twice.
  CHECK(redact(R"({"m":"\"{\\\"my_db\\\":1,\\\"pass\\\\u0077ord\\\":\\\"hunter2\\\"}\""})") ==
        R"({"m":"\"{\\\"my_db\\\":1,\\\"pass\\\\u0077ord\\\":\\\"***\\\"}\""})");
  Redaction field(fields({"user"}));
  CHECK(field(R"({"b":"{\"\\u0075ser\":\"x\"}"})") == R"({"b":"{\"\\u0075ser\":\"***\"}"})");
}

TEST_CASE("redact: escapes of a piece of JSON in a text hide nothing", "[redact]") {
  Redaction redact(presets({"credentials", "pii"}));
  CHECK(redact(R"({"m":"got {\"user\":\"joe\\u0040example.com\"}, ok"})") ==
        R"({"m":"got {\"user\":\"***\"}, ok"})");
  CHECK(redact(R"({"m":"got {\"pass\\u0077ord\":\"\\u0068unter2\"}, ok"})") ==
        R"({"m":"got {\"pass\\u0077ord\":\"***\"}, ok"})");
  CHECK(redact(R"({"m":"got {\\\"password\\\":\\\"hunter2\\\"}, ok"})") ==
        R"({"m":"got {\\\"password\\\":\\\"***\\\"}, ok"})");
  // As Gson writes what HTML has other uses for.
  CHECK(redact(R"({"m":"url https://x.example/?sid\\u003dq7Xk29aLmZ04\\u0026y\\u003d1"})") ==
        R"({"m":"url https://x.example/?sid\\u003d***\\u0026y\\u003d1"})");
  CHECK(redact(R"({"m":"C:\\new\\users\\bob, joe@example.com"})") ==
        R"({"m":"C:\\new\\users\\bob, ***"})");
  Redaction mine(pattern("ORD-[0-9]+"));
  CHECK(mine(R"({"m":"{\"id\":\"ORD\\u002d17\"} x"})") == R"({"m":"{\"id\":\"***\"} x"})");
}

TEST_CASE("redact: a secret written with escapes gets the token of the plain one", "[redact]") {
  Redaction redact(presets({"credentials", "pii"}, RedactAction::hash));
  const std::string token = redact(R"({"m":"joe@example.com"})").substr(6, 21);
  for (const std::string line :
       {R"({"m":"joe\u0040example.com"})", R"({"m":"{\"user\":\"joe\\u0040example.com\"}"})",
        R"({"m":"got {\"user\":\"joe\\u0040example.com\"}"})"}) {
    INFO(line);
    CHECK(redact(line).find(token) != std::string::npos);
  }
}

TEST_CASE("redact: the user's patterns take all that any match covers", "[redact]") {
  CHECK(Redaction(pattern("ORD-[0-9]+"))(R"({"m":"ORD-12 and ORD-3456, ORD-","k":"XORD-7"})") ==
        R"({"m":"*** and ***, ORD-","k":"X***"})");
  CHECK(Redaction(pattern("é+"))(R"({"m":"caf\u00e9é!"})") == R"({"m":"caf***!"})");
  CHECK(Redaction(pattern("(?i)secret"))(R"({"m":"SeCrEt x","secret":1})") ==
        R"({"m":"*** x","***":1})");
  CHECK(Redaction(pattern("x[0-9]+", RedactAction::remove))(R"({"m":"a x1 b"})") ==
        R"({"m":"a  b"})");
}

TEST_CASE("redact: anchors of the user's patterns mean the ends of a string", "[redact]") {
  CHECK(Redaction(pattern("^abc$"))(R"({"m":"abc","n":"xabc","o":"abcx"})") ==
        R"({"m":"***","n":"xabc","o":"abcx"})");
  CHECK(Redaction(pattern("^[0-9]{4}$"))(R"({"m":"1234","n":1234,"o":12345})") ==
        R"({"m":"***","n":"***","o":12345})");
}

TEST_CASE("redact: a match never reaches from one string into the next", "[redact]") {
  CHECK(Redaction(pattern("a.*z"))(R"({"m":"a1","n":"2z","o":"xazx"})") ==
        R"({"m":"a1","n":"2z","o":"x***x"})");
}

TEST_CASE("redact: the level is still known when text in front of it changes", "[redact]") {
  Redaction redact(fields({"password"}));
  redact(R"({"log":{"data":{"password":"a very long password"},"level":"ERROR"}})");
  CHECK(redact.record.level_name() == "ERROR");
  CHECK(redact.record.level_size == 5);
  Redaction level(fields({"level"}));
  CHECK(level(R"({"level":"ERROR"})") == R"({"level":"***"})");
  CHECK(level.record.level_name() == "ERROR");
}

TEST_CASE("redact: redacting twice is redacting once", "[redact]") {
  Redaction redact(presets({"credentials", "pii"}));
  const std::string once = redact(
      R"({"password":"x","m":"password=abc Bearer abcdef1234567890 https://u:p@h/ bob@example.com"})");
  CHECK(redact(once) == once);
}

TEST_CASE("redact: what cannot be compiled is a config error that names it", "[redact]") {
  CHECK(error_of(presets({"credential"}))
            .find("redact.presets: found \"credential\", expected one of credentials, pii") == 0);
  CHECK(error_of(fields({"a..b"})).find("redact.fields: field path 'a..b'") == 0);
  RedactSettings unused = presets({"email"});
  unused.actions = {{"emial", RedactAction::hash}};
  CHECK(error_of(unused).find("redact.actions: found \"emial\"") == 0);
  RedactSettings keyless = presets({"email"}, RedactAction::hash);
  keyless.hash_key = Secret();
  CHECK(error_of(keyless).find("redact.hash_key: missing") == 0);
}

TEST_CASE("redact: without its scanner every record fails, so that none passes unseen",
          "[redact]") {
  RedactSettings settings;
  settings.presets = {"jwt"};
  auto plan = RedactionPlan::prepare(settings);
  REQUIRE(plan);
  Redactor redactor(plan.value());
  Arena arena;
  Record record;
  record.line = R"({"message":"nothing to see"})";
  CHECK(redactor.apply(record, arena) == Transform::Outcome::failed);
}

TEST_CASE("redact: every preset compiles", "[redact]") {
  for (const RedactionPreset& preset : redaction_presets()) {
    Redaction redact(presets({std::string(preset.name)}));
    CHECK(redact(R"({"a":1})") == R"({"a":1})");
  }
}
