#include <algorithm>
#include <string>
#include <vector>

#include "stage/redact/credential_formats.hpp"
#include "stage/redact/secret_catalog.hpp"
#include "tests/unit/stage/redact/places.hpp"
#include "tests/unit/stage/redact/redaction.hpp"

using namespace ship;
using namespace ship::test;

namespace {

struct Sample {
  std::string pattern, secret;
  Shown shown = Shown::end;
};

// One secret for each bundled pattern that may show something, and for those that may not.
std::vector<Sample> samples() {
  return {{"email", "ann.other@example.com", Shown::email_domain},
          {"phone", "+49 30 1234 5678"},
          {"card", "4111 1111 1111 1111"},
          {"card", "378282246310005"},
          {"iban", "DE89 3704 0044 0532 0130 00"},
          {"ip", "203.0.113.77"},
          {"ip", "2001:db8:85a3:8d3:1319:8a2e:370:7348"},
          {"ssn", "523-45-6789"},
          {"nino", "AB 12 34 56 C"},
          {"nhs_number", "943 476 5919"},
          {"github_token", SecretMaker()("ghp_{w36}")},
          {"jwt", SecretMaker()("eyJhbGciOi{w20}.eyJ{w30}.{w43}")}};
}

std::string line_of(const std::string& secret) {
  return R"({"m":)" + as_json("<" + secret + ">") + "}";
}

// What stands between the brackets.
std::string left_of(const std::string& line) {
  const std::size_t begin = line.find('<') + 1;
  return line.substr(begin, line.rfind('>') - begin);
}

}  // namespace

TEST_CASE("redact R1: partial shows at most a fifth, never more than four characters",
          "[redact][actions]") {
  for (const Sample& sample : samples()) {
    Redaction redact(presets({sample.pattern}, RedactAction::partial));
    const std::string left = left_of(redact(line_of(sample.secret)));
    INFO(sample.secret << " became " << left);
    REQUIRE(left.substr(0, 3) == "***");
    const std::string shown = left.substr(3);
    CHECK(sample.secret.substr(sample.secret.size() - shown.size()) == shown);
    if (sample.shown == Shown::email_domain) {
      CHECK(shown == sample.secret.substr(sample.secret.find('@')));
    } else {
      CHECK(shown.size() <= sample.secret.size() / 5);
      CHECK(shown.size() <= 4);
    }
    // Redacting twice shows no more.
    CHECK(left_of(redact(line_of(left))) == left);
  }
}

TEST_CASE("redact R1: partial shows nothing of a password, with an @ in it or not",
          "[redact][actions]") {
  Redaction redact(presets({"credentials"}, RedactAction::partial));
  CHECK(redact(R"({"password":"P@ssw0rd-2026-secret"})") == R"({"password":"***"})");
  CHECK(redact(R"({"password":"somebody@example.com"})") == R"({"password":"***"})");
  CHECK(redact(R"({"m":"password=P@ssw0rd-2026-secret, next"})") ==
        R"({"m":"password=***, next"})");
  CHECK(redact(R"({"m":"postgres://app:s@cr3tpassword99@db"})") == R"({"m":"postgres://***@db"})");
  Redaction both(presets({"credentials", "pii"}, RedactAction::partial));
  CHECK(both(R"({"m":"password=somebody@example.com"})") == R"({"m":"password=***"})");
  CHECK(both(R"({"m":"postgres://app:secret@example.com/x"})") == R"({"m":"postgres://***/x"})");
  RedactSettings mine = fields({"db.password", "my_token", "*_secret"}, RedactAction::partial);
  CHECK(
      Redaction(mine)(
          R"({"db":{"password":"P@ssw0rd-2026-secret"},"my_token":"0123456789abcdef","a_secret":"0123456789abcdef"})") ==
      R"({"db":{"password":"***"},"my_token":"***def","a_secret":"***"})");
}

TEST_CASE("redact R1: every credential without a prefix of its own shows nothing",
          "[redact][actions]") {
  for (const SecretPattern& one : secret_patterns()) {
    if (one.personal) continue;
    const bool prefixed = one.find == find_token || one.find == find_random_token ||
                          one.find == find_dotted_token || one.find == find_base64_token;
    INFO(one.name << " " << one.regex);
    CHECK((one.shown == Shown::nothing) == !prefixed);
    CHECK(one.shown != Shown::email_domain);
  }
}

TEST_CASE("redact: hash gives the same secret the same token, wherever and however it is written",
          "[redact][actions]") {
  const std::vector<std::vector<std::string>> same = {
      {"4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111"},
      {"DE89370400440532013000", "DE89 3704 0044 0532 0130 00"},
      {"+493012345678", "+49 30 1234 5678", "+49 (30) 1234-5678"},
      {"ann@example.com", "Ann@Example.COM"},
      {"203.0.113.77"}};
  RedactSettings settings = presets({"pii"}, RedactAction::hash);
  settings.fields = {"value"};
  Redaction redact(settings);
  std::vector<std::string> tokens;
  for (const auto& forms : same) {
    std::string token;
    for (const std::string& form : forms) {
      std::string field = redact(R"({"value":)" + as_json(form) + "}");
      field = field.substr(10, 21);
      if (token.empty()) token = field;
      INFO(form);
      CHECK(field == token);
      for (const auto& [place, line] : places(form)) {
        INFO(place << ": " << line);
        const std::string out = redact(line);
        CHECK(!shows(out, form));
        CHECK(shows(out, token));
      }
    }
    CHECK(std::find(tokens.begin(), tokens.end(), token) == tokens.end());
    tokens.push_back(token);
  }
  CHECK(redact(R"({"value":4111111111111111})") == R"({"value":")" + tokens[0] + R"("})");
}

TEST_CASE("redact: of every format of credentials each action leaves what it promises",
          "[redact][actions]") {
  SecretMaker make;
  for (const CredentialFormat& format : credential_formats()) {
    const std::string sample = make(format.example);
    // The longest part of it that somebody made up.
    std::string secret;
    for (std::string_view left = sample; !left.empty();) {
      const std::size_t end = std::min(left.find_first_of("./:@ \n?&="), left.size());
      if (end > secret.size()) secret = left.substr(0, end);
      left.remove_prefix(std::min(end + 1, left.size()));
    }
    for (const RedactAction action :
         {RedactAction::mask, RedactAction::partial, RedactAction::hash, RedactAction::remove}) {
      Redaction redact(presets({std::string(format.name)}, action));
      const std::string out = redact(line_of(sample));
      INFO(format.name << ": " << sample << " became " << out);
      const std::size_t most = action == RedactAction::partial ? 4 : 3;
      for (std::size_t at = 0; at + most < secret.size(); ++at)
        CHECK(out.find(secret.substr(at, most + 1)) == std::string::npos);
      // The whole last line belongs to a key file of PuTTY.
      if (action != RedactAction::hash || format.find == find_putty_key) continue;
      const std::size_t token = out.find("hmac:");
      REQUIRE(token != std::string::npos);
      CHECK(redact(R"({"note":)" + as_json(sample) + "}").find(out.substr(token, 21)) !=
            std::string::npos);
    }
  }
}

TEST_CASE("redact: what only looks like a mask or a token is a secret", "[redact][actions]") {
  Redaction redact(presets({"credentials"}));
  for (const std::string secret : {"***hunter2", "hmac:hunter2hunter2xx", "<hunter2>", "[hunter2]",
                                   "{hunter2}", "%xy", "${X:-hunter2}"}) {
    CHECK(redact(R"({"password":")" + secret + R"("})") == R"({"password":"***"})");
    CHECK(!shows(redact(R"({"m":"password=')" + secret + R"(' ok"})"), secret));
  }
  for (const std::string left :
       {"***", "hmac:0123456789abcdef", "<redacted>", "[FILTERED]", "${DB_PASSWORD}",
        "{{ .Values.password }}", "%(password)s", "%s"}) {
    const std::string line = R"({"m":"password=')" + left + R"(' ok"})";
    CHECK(redact(line) == line);
  }
}

TEST_CASE("redact: secrets that overlap show what the stricter rule shows", "[redact][actions]") {
  RedactSettings settings = presets({"credentials", "pii"}, RedactAction::partial);
  settings.patterns = {{"order", "order-[0-9]{16}"}};
  Redaction redact(settings);
  CHECK(redact(R"({"m":"api_key=4111111111111111"})") == R"({"m":"api_key=***"})");
  CHECK(redact(R"({"m":"order-4111111111111111"})") == R"({"m":"***1111"})");
  // The stricter one within the other.
  CHECK(Redaction([] {
          RedactSettings login = presets({"credentials"}, RedactAction::partial);
          login.patterns = {{"login", "login [^ ]*"}};
          return login;
        }())(R"({"m":"login password=hunter2hunter2 ok"})") == R"({"m":"*** ok"})");
}

TEST_CASE("redact R6: a record with 9,000 hits loses every one, and its fields",
          "[redact][actions]") {
  std::string text, list, expected_text, expected_list;
  for (int i = 0; i < 9000; ++i) {
    const std::string address = "bob" + std::to_string(i) + "@example.com";
    text += "to " + address + " ";
    expected_text += "to *** ";
    list += R"(,")" + address + R"(")";
    expected_list += R"(,"***")";
  }
  Redaction redact(presets({"pii", "credentials"}));
  CHECK(redact(R"({"m":")" + text + R"(","password":"x"})") ==
        R"({"m":")" + expected_text + R"(","password":"***"})");
  CHECK(redact(R"({"l":[0)" + list + R"(],"n":{"password":"x"}})") ==
        R"({"l":[0)" + expected_list + R"(],"n":{"password":"***"}})");
  CHECK(redact(R"({"b":)" + as_json(R"({"m":")" + text + R"(","password":"x"})") + "}") ==
        R"({"b":)" + as_json(R"({"m":")" + expected_text + R"(","password":"***"})") + "}");
}

TEST_CASE("redact R6: beyond all bounds a text is masked as a whole, its neighbours by hits",
          "[redact][actions]") {
  std::string text;
  for (int i = 0; i < 70000; ++i) text += "b@example.com ";
  RedactSettings settings = presets({"email"});
  settings.fields = {"secret"};
  settings.patterns = {{"order", "^ORD-[0-9]+$"}};
  Redaction redact(settings);
  CHECK(redact(R"({"m":")" + text + R"(","n":"a b@example.com","secret":1,"o":"ORD-1"})") ==
        R"({"m":"***","n":"a ***","secret":"***","o":"***"})");
}

TEST_CASE("redact: JSON text deeper than can be walked is looked at as text", "[redact][actions]") {
  Redaction redact(presets({"credentials"}));
  std::string deep(1200, '[');
  deep += R"({"password":"hunter2"})";
  deep.append(1200, ']');
  CHECK(!shows(redact(R"({"body":)" + as_json(deep) + "}"), "hunter2"));
}

TEST_CASE("redact: a secret longer than any window goes as a whole", "[redact][actions]") {
  Redaction redact(presets({"credentials"}));
  const std::string tail = "Zz9tail";
  const std::string filler(40000, 'a');
  for (const std::string& text : std::vector<std::string>{
           "eyJhbGciOiJI1." + filler + "." + tail, "password=" + filler + tail,
           "password='" + filler + tail + "'", "Authorization: Bearer 1" + filler + tail,
           "Cookie: id=" + filler + tail, "--password " + filler + tail,
           "https://a.example/?sig=1" + filler + tail,
           "-----BEGIN PRIVATE KEY-----\n" + filler + tail}) {
    INFO(text.substr(0, 40));
    CHECK(!shows(redact(R"({"m":)" + as_json(text) + "}"), tail));
  }
}

TEST_CASE("redact: each rule counts what it took out, and says where", "[redact][actions]") {
  RedactSettings settings = presets({"credentials", "email"});
  settings.fields = {"user.name"};
  settings.patterns = {{"order", "ORD-[0-9]+"}};
  Redaction redact(settings);
  std::vector<std::string> notes;
  redact.redactor().explain_to(&notes);
  redact(R"({"user":{"name":"Ann"},"m":"to ann@example.com","list":[1,"ORD-7"],"password":"x"})");
  redact(R"({"b":"{\"c\":[\"ann@example.com\"]}"})");
  CHECK(notes == std::vector<std::string>{"user.name at user.name",
                                          "email at m, characters 4 to 18", "order at list[1]",
                                          "*password at password", "email at b.c[0]"});
  std::string counts;
  for (const RuleCount& count : redact.redactor().rule_counts())
    counts += count.rule + "=" + std::to_string(count.hits) + " ";
  CHECK(counts == "user.name=1 email=2 *password=1 order=1 ");
}
