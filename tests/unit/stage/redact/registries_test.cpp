#include <algorithm>
#include <memory>
#include <set>
#include <string>

#include "stage/redact/card_registry.hpp"
#include "stage/redact/credential_formats.hpp"
#include "stage/redact/iban_registry.hpp"
#include "stage/redact/redaction_presets.hpp"
#include "stage/redact/secret_catalog.hpp"
#include "stage/redact/secret_names.hpp"
#include "tests/unit/stage/redact/places.hpp"
#include "tests/unit/stage/redact/redaction.hpp"

using namespace ship;
using namespace ship::test;

namespace {

std::string without_blanks(std::string_view text) {
  std::string compact(text);
  std::erase(compact, ' ');
  return compact;
}

// The line with the one pattern on, in every place; what else stands there stays.
void check_found(Redaction& redact, const std::string& secret) {
  INFO(secret);
  for (const auto& [place, line] : places(secret)) {
    INFO(place << ": " << line);
    const std::string out = redact(line);
    CHECK(!shows(out, secret));
    CHECK(out.find("***") != std::string::npos);
    CHECK(out.front() == '{');
  }
}

}  // namespace

TEST_CASE("redact registries: every country's IBAN is found wherever it stands",
          "[redact][registry]") {
  Redaction redact(presets({"iban"}));
  std::set<std::string_view> codes;
  for (const IbanCountry& country : iban_countries()) {
    INFO(country.code);
    CHECK(codes.insert(country.code).second);
    const std::string compact = without_blanks(country.example);
    CHECK(compact.substr(0, 2) == country.code);
    CHECK(compact.size() == country.size);
    check_found(redact, compact);
    check_found(redact, std::string(country.example));
    // One digit is wrong.
    std::string wrong = compact;
    wrong[3] = wrong[3] == '9' ? '0' : static_cast<char>(wrong[3] + 1);
    const std::string line = R"({"m":"to )" + wrong + R"( now"})";
    CHECK(redact(line) == line);
    // One more digit, with a right checksum or not, is another number.
    const std::string longer = R"({"m":"to )" + compact + R"(1 now"})";
    CHECK(redact(longer) == longer);
  }
  CHECK(codes.size() == 89);
}

TEST_CASE("redact R2: IBANs of Slovakia, Ukraine, San Marino, Qatar, Tunisia, Kosovo, Mauritius",
          "[redact][registry]") {
  Redaction redact(presets({"pii"}));
  for (const std::string iban :
       {"SK3112000000198742637541", "UA213223130000026007233566001", "SM86U0322509800000000270100",
        "QA58DOHB00001234567890ABCDEFG", "TN5910006035183598478831", "XK051212012345678906",
        "MU17BOMM0101101030300200000MUR"}) {
    CHECK(redact(R"({"m":"to )" + iban + R"( now"})") == R"({"m":"to *** now"})");
  }
}

TEST_CASE("redact R2: an unknown country with a right checksum counts", "[redact][registry]") {
  Redaction redact(presets({"iban"}));
  // The registry has no US and no XX.
  for (const std::string iban :
       {"US88370400440532013000", "XX46370400440532013000", "US88 3704 0044 0532 0130 00"}) {
    CHECK(redact(R"({"m":"to )" + iban + R"( now"})") == R"({"m":"to *** now"})");
  }
  for (const std::string other :
       {"US87370400440532013000", "US88 37040 0440532013000", "AB12ABCDEFGHIJKLMNOP"}) {
    const std::string line = R"({"m":"to )" + other + R"( now"})";
    CHECK(redact(line) == line);
  }
}

TEST_CASE("redact R4: a card of every issuer's range is found wherever it stands",
          "[redact][registry]") {
  Redaction redact(presets({"card"}));
  for (const CardRange& range : card_ranges()) {
    INFO(range.network << " " << range.first);
    const std::string number(range.example);
    CHECK(!range.source.empty());
    CHECK(passes_luhn(number));
    CHECK((range.sizes >> number.size() & 1) == 1);
    const auto begins = static_cast<std::uint32_t>(
        std::stoul(number.substr(0, std::to_string(range.first).size())));
    CHECK(range.first <= begins);
    CHECK(begins <= range.last);
    check_found(redact, number);
    CHECK(redact(R"({"n":)" + number + "}") == R"({"n":"***"})");
    if (number.size() == 16) {
      std::string grouped = number;
      for (const std::size_t at : {12, 8, 4}) grouped.insert(at, 1, '-');
      check_found(redact, grouped);
    }
    std::string wrong = number;
    wrong.back() = wrong.back() == '9' ? '0' : static_cast<char>(wrong.back() + 1);
    const std::string line = R"({"m":"order )" + wrong + R"( paid"})";
    CHECK(redact(line) == line);
  }
}

TEST_CASE("redact R4: each range ends where its row says", "[redact][registry]") {
  const auto card = [](std::uint32_t first, unsigned size) {
    std::string digits = std::to_string(first);
    digits.resize(size - 1, '0');
    for (char c = '0'; c <= '9'; ++c) {
      if (passes_luhn(digits + c)) return digits + c;
    }
    return std::string();
  };
  const auto covered = [](const std::string& digits) {
    return std::any_of(card_ranges().begin(), card_ranges().end(), [&](const CardRange& range) {
      const auto begins = static_cast<std::uint32_t>(
          std::stoul(digits.substr(0, std::to_string(range.first).size())));
      return (range.sizes >> digits.size() & 1) == 1 && range.first <= begins &&
             begins <= range.last;
    });
  };
  for (const CardRange& range : card_ranges()) {
    for (const std::uint32_t first : {range.first - 1, range.first, range.last, range.last + 1}) {
      if (std::to_string(first).size() != std::to_string(range.first).size()) continue;
      for (unsigned size = 12; size <= 19; ++size) {
        const std::string digits = card(first, size);
        INFO(digits);
        CHECK(is_issued_card(digits) == covered(digits));
      }
    }
  }
}

TEST_CASE("redact: a card with other numbers beside it is found", "[redact]") {
  Redaction redact(presets({"card"}));
  CHECK(redact(R"({"m":"card 4111 1111 1111 1111 12/27 123"})") == R"({"m":"card *** 12/27 123"})");
  CHECK(redact(R"({"m":"4 4111111111111111 123"})") == R"({"m":"4 *** 123"})");
  CHECK(redact(R"({"m":"4111111111111111 5555555555554444 378282246310005"})") ==
        R"({"m":"*** *** ***"})");
}

TEST_CASE("redact registries: every format of credentials is found wherever it stands",
          "[redact][registry]") {
  SecretMaker make;
  std::set<std::string_view> names;
  for (const CredentialFormat& format : credential_formats()) {
    INFO(format.name << ": " << format.example);
    CHECK(!format.source.empty());
    names.insert(format.name);
    Redaction redact(presets({std::string(format.name)}));
    const std::string sample = make(format.example);
    // What must not be seen: the longest part of it that somebody made up.
    std::string secret;
    for (std::string_view left = sample; !left.empty();) {
      const std::size_t end = std::min(left.find_first_of("./:@ \n?&="), left.size());
      if (end > secret.size()) secret = left.substr(0, end);
      left.remove_prefix(std::min(end + 1, left.size()));
    }
    for (const auto& [place, line] : places(sample)) {
      INFO(place << ": " << line);
      REQUIRE(shows(line, secret));
      CHECK(!shows(redact(line), secret));
    }
  }
  CHECK(names.size() > 60);
}

TEST_CASE("redact registries: of a bot's token its number goes, too", "[redact][registry]") {
  Redaction redact(presets({"telegram_token"}));
  CHECK(redact(R"({"m":"bot )" + SecretMaker()("{d9}:AA{w33}") + R"( up"})") ==
        R"({"m":"bot *** up"})");
}

TEST_CASE("redact R5: a name masks in text what it masks as a field", "[redact][registry]") {
  Redaction redact(presets({"credentials"}));
  const std::string value = "q7Xk29aLmZ04";
  std::vector<std::string> forms;
  for (const SecretName& name : secret_names()) {
    const std::string plain(name.name);
    forms.push_back(plain);
    if (name.plural) forms.push_back(plain + "s");
    if (name.where == SecretName::Where::tail) forms.push_back("my_" + plain);
    if (name.where == SecretName::Where::word) forms.push_back("db_" + plain);
  }
  for (const std::string& name : forms) {
    const bool header = name.find("cookie") != std::string::npos;
    const bool authorization = name.find("auth_header") != std::string::npos ||
                               name.find("authorization") != std::string::npos;
    const std::string secret = header ? "id=" + value : authorization ? "Bearer " + value : value;
    INFO(name);
    CHECK(!shows(redact(R"({"data":{")" + name + R"(":)" + as_json(secret) + "}}"), value));
    std::string capitals = name;
    for (char& c : capitals) c = c == '_' ? '-' : static_cast<char>(std::toupper(c));
    CHECK(!shows(redact(R"({"data":{")" + capitals + R"(":)" + as_json(secret) + "}}"), value));
    for (const std::string& text :
         {name + "=" + secret, name + ": " + secret, "{'" + name + "': '" + secret + "'}",
          "{\"" + name + "\": \"" + secret + "\"}",
          "https://example.com/?" + name + "=" + secret}) {
      INFO(text);
      for (const auto& [place, line] : places(text)) {
        INFO(place << ": " << line);
        CHECK(!shows(redact(line), value));
      }
    }
  }
}

TEST_CASE("redact R5: db_pass, passcode, passwords, secrets as fields and in text", "[redact]") {
  Redaction redact(presets({"credentials"}));
  for (const std::string name : {"db_pass", "dbPass", "passcode", "passwords", "secrets", "PASS"}) {
    CHECK(redact(R"({")" + name + R"(":"hunter2"})") == R"({")" + name + R"(":"***"})");
  }
  CHECK(redact(R"({"m":"db_pass=hunter2 passcode=hunter2 passwords=hunter2 secrets=hunter2"})") ==
        R"({"m":"db_pass=*** passcode=*** passwords=*** secrets=***"})");
  for (const std::string name : {"compass", "bypass", "passed", "secretary", "hotpot", "laptop"}) {
    const std::string line = R"({")" + name + R"(":"hunter2"})";
    CHECK(redact(line) == line);
  }
}

TEST_CASE("redact R3: e-mail addresses whose domains end like file names", "[redact]") {
  Redaction redact(presets({"email"}));
  for (const std::string address :
       {"team@notion.so", "juan@empresa.com.py", "x@139.com.cn", "a@163.com", "b@company.rs",
        "c@files.zip", "d@app.sh", "e@пример.рф", "f@xn--e1afmkfd.xn--p1ai", "g@corp.local",
        "h@sub.1and1.com", "i@4chan.org"}) {
    check_found(redact, address);
  }
  for (const std::string text :
       {"icon@2x.png", "getty@tty1.service", "react@18.2.0", "pkg@1.2.3-beta.rc", "lib@1.2.so",
        "pkg@1.2.3.final", "user@host", "git@github.com:org/repo.git"}) {
    const std::string line = R"({"m":"see )" + text + R"( there"})";
    CHECK(redact(line) == line);
  }
}

TEST_CASE("redact registries: numbers of persons are found wherever they stand",
          "[redact][registry]") {
  Redaction redact(presets({"phone", "ip", "ssn", "nino", "nhs_number"}));
  for (const std::string number : {"+493012345678", "+49 30 1234 5678", "(212) 555-0143",
                                   "203.0.113.77", "2001:db8:85a3:8d3:1319:8a2e:370:7348",
                                   "523-45-6789", "AB 12 34 56 C", "AB123456C", "943 476 5919"}) {
    check_found(redact, number);
  }
}

TEST_CASE("redact: UK numbers", "[redact]") {
  Redaction redact(presets({"nino", "nhs_number"}));
  CHECK(redact(R"({"m":"AB 12 34 56 C, QQ123456C, AB123456C, GB123456A"})") ==
        R"({"m":"***, QQ123456C, ***, GB123456A"})");
  CHECK(redact(R"({"m":"943 476 5919 and 943 476 5918"})") == R"({"m":"*** and 943 476 5918"})");
}

TEST_CASE("redact: a secret is found at every distance from the start of a text, by every pattern",
          "[redact][registry]") {
  // Scanners look at 16, 32 or 64 bytes at a time, and some miss what stands at a border.
  std::vector<std::pair<std::string, std::string>> secrets = {
      {"email", "m@n.de"},
      {"phone", "+49 30 1234 5678"},
      {"card", "4111111111111111"},
      {"iban", "NO9386011117947"},
      {"ip", "203.0.113.77"},
      {"ip", "2001:db8::8a2e:370"},
      {"ssn", "523-45-6789"},
      {"nino", "AB123456C"},
      {"nhs_number", "943 476 5919"},
      {"bearer", "Bearer q7Xk29aL"},
      {"assignment", "pwd=q7Xk29aL"},
      {"assignment", "x_pass=q7Xk29aL"},
      {"cookie", "Cookie: a=q7Xk"},
      {"assignment", "sid=q7Xk29aL"},
      {"assignment", "--token q7Xk29aL"},
      {"authorization", "Authorization: Basic cTdYazI5YUw="}};
  SecretMaker make;
  for (const CredentialFormat& format : credential_formats())
    secrets.push_back({std::string(format.name), make(format.example)});
  std::vector<std::unique_ptr<Redaction>> sets;
  for (const RedactionPreset& preset : redaction_presets())
    sets.push_back(std::make_unique<Redaction>(presets({std::string(preset.name)})));
  for (const auto& [name, secret] : secrets) {
    Redaction alone(presets({name}));
    for (const std::string filler : {" ", "x ", "~"}) {
      for (std::size_t size = 0; size < 140; size += size < 60 || size > 70 ? 7 : 1) {
        std::string before;
        while (before.size() < size) before += filler;
        if (filler == "x ") before += ' ';
        const std::string line = R"({"m":)" + as_json(before + " " + secret + " " + before) + "}";
        INFO(name << ": " << line);
        CHECK(alone(line) != line);
      }
    }
  }
  for (std::size_t i = 0; i < sets.size(); ++i) {
    const RedactionSet set = resolve(redaction_presets()[i]);
    for (const auto& [name, secret] : secrets) {
      if (std::find(set.patterns.begin(), set.patterns.end(), name) == set.patterns.end()) continue;
      for (const std::size_t size : {0u, 40u, 63u, 64u, 66u, 90u, 130u}) {
        const std::string before(size, ' ');
        const std::string line = R"({"m":)" + as_json(before + " " + secret + " " + before) + "}";
        INFO(redaction_presets()[i].name << ", " << name << ": " << line);
        CHECK((*sets[i])(line) != line);
      }
    }
  }
}

TEST_CASE("redact: a user's pattern is found at every distance from the start of a text",
          "[redact][registry]") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"([a-z'\x{80}-\x{ff}-]@[a-z\x{80}-\x{ff}])", "a@b"},
      {"@[a-z]", "@b"},
      {"a[0-9]b", "a7b"},
      {"q.*z", "q1z"},
      {"[0-9]{16}", "4111111111111111"},
      {"Q", "Q"},
      {"(?i)ord-[0-9]", "ORD-7"}};
  for (const auto& [regex, match] : cases) {
    Redaction redact(pattern(regex));
    for (const std::string filler : {" ", "- "}) {
      for (std::size_t size = 0; size < 200; ++size) {
        std::string before;
        while (before.size() < size) before += filler;
        const std::string line = R"({"m":")" + before + match + before + R"("})";
        INFO(regex << ": " << line);
        CHECK(redact(line) == R"({"m":")" + before + "***" + before + R"("})");
      }
    }
  }
}
