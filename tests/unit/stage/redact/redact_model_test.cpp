#include "tests/models/redact_model.hpp"

#include <random>
#include <string>
#include <vector>

#include "tests/unit/stage/redact/places.hpp"
#include "tests/unit/stage/redact/redaction.hpp"

using namespace ship;
using namespace ship::test;
using model::Node;

namespace {

const std::vector<std::string> kPatterns = {
    "email",  "phone",         "card",   "iban",         "ip",           "ssn", "assignment",
    "bearer", "authorization", "cookie", "url_userinfo", "github_token", "jwt"};
const std::vector<std::string> kFields = {"password", "api_key", "db_pass"};

/// Makes up records: texts with secrets, with what is almost one, with anything between them, as
/// values, keys and numbers, in objects, lists, and JSON that is text.
class RecordMaker {
 public:
  explicit RecordMaker(unsigned seed) : random_(seed) {}

  Node record(int breadth) {
    Node node{Node::Kind::object, "", {}};
    for (int i = 0; i < breadth; ++i) node.children.push_back({key(i), value(0)});
    return node;
  }

 private:
  unsigned below(unsigned count) { return static_cast<unsigned>(random_() % count); }

  std::string piece() {
    switch (below(32)) {
      case 0:
        return "ann" + std::to_string(below(99)) + "@example.com";
      case 1:
        return "+49 30 1234 567" + std::to_string(below(10));
      case 2:
        return "4111111111111111";
      case 3:
        return "5555-5555-5555-4444 12/27";
      case 4:
        return "4111 1111 1111 1112";
      case 5:
        return "DE89 3704 0044 0532 0130 00";
      case 6:
        return "203.0.113." + std::to_string(below(255));
      case 7:
        return "523-45-6789";
      case 8:
        return "password=" + make_("{w9}");
      case 9:
        return "\"api_key\": \"" + make_("{w9}") + "\"";
      case 10:
        return "Bearer " + make_("{w20}");
      case 11:
        return "Authorization: Basic " + make_("{w16}") + "==";
      case 12:
        return "Cookie: a=" + make_("{w6}") + "; b=c";
      case 13:
        return "https://u:" + make_("{w6}") + "@db.internal/x?token=" + make_("{w9}") + "&y=1";
      case 14:
        return make_("ghp_{w36}");
      case 15:
        return make_("eyJhbGciOi{w8}.eyJ{w9}.{w9}");
      case 16:
        return "password: required";
      case 17:
        return std::string(below(90), ' ');
      case 18:
        return std::string(1 + below(70), 'x');
      case 19:
        return "caf\xC3\xA9 \xF0\x9F\x98\x80";
      case 20:
        return "\n\t\"quoted\" back\\slash";
      case 21:
        return "::ffff:c0a8:1";
      case 22:
        return "'secret': '" + make_("{w5}") + "'";
      // As a program writes it that puts a piece of JSON into a text.
      case 23:
        return "joe" + std::to_string(below(99)) + R"(\u0040example.com)";
      case 24:
        return R"({"pass\u0077ord":"\u0068)" + make_("{w7}") + "\"}";
      case 25:
        return escaped_once(R"({"api_key":"x)" + make_("{w7}") + R"("})");
      case 26:
        return escaped_once(escaped_once(R"({"secret":"x\u0040)" + make_("{w7}") + R"("})"));
      case 27:
        return R"(token\u003d)" + make_("{w12}") + R"(\u0026x\u003d1)";
      case 28:
        return R"(C:\users\new\t)" + make_("{w7}");
      default:
        return make_("{l4}");
    }
  }

  static std::string escaped_once(const std::string& text) {
    std::string escaped;
    append_json_text(escaped, text);
    return escaped;
  }

  std::string text() {
    std::string text = "t";
    for (unsigned left = below(6); left > 0; --left) {
      static constexpr const char* kBetween[] = {" ", ", ", "", ": ", "\n", " <", "> "};
      text += kBetween[below(7)];
      text += piece();
    }
    return text;
  }

  // Names of fields and others; the number makes them unlike.
  std::string key(int number) {
    switch (below(10)) {
      case 8:
        return number % 2 == 0 ? "name" : "Key";
      case 9:
        return number % 2 == 0 ? "Value" : "value";
      case 0:
        return number % 2 == 0 ? "password" : "PassWord";
      case 1:
        return number % 2 == 0 ? "apiKey" : "API-KEY";
      case 2:
        return "db_pass";
      case 3:
        return "bob" + std::to_string(number) + "@example.org";
      default:
        return "key" + std::to_string(number);
    }
  }

  Node value(int depth) {
    const unsigned kind = below(depth < 7 ? 10 : 5);
    if (kind == 4) {
      static constexpr const char* kNumbers[] = {"0", "-1.5e3", "4111111111111111",
                                                 "5232456789012345", "378282246310005"};
      return {Node::Kind::number, kNumbers[below(5)], {}};
    }
    if (kind == 0 && below(2) == 0) return {Node::Kind::text, "DB_PASS", {}};
    if (kind < 5) return {Node::Kind::text, text(), {}};
    Node node;
    if (kind < 7) {
      node.kind = Node::Kind::object;
      for (int i = 0, count = static_cast<int>(below(4)); i < count; ++i)
        node.children.push_back({key(i), value(depth + 1)});
    } else if (kind < 8) {
      node.kind = Node::Kind::list;
      for (unsigned i = 0, count = below(4); i < count; ++i)
        node.children.push_back({"", value(depth + 1)});
    } else {
      // With a name in it, so that it has quotes, which are escaped.
      node.kind = Node::Kind::json_text;
      Node inner{Node::Kind::object, "", {{"inner", value(depth + 1)}}};
      node.children.push_back({"", std::move(inner)});
    }
    return node;
  }

  std::mt19937 random_;
  SecretMaker make_;
};

}  // namespace

TEST_CASE("redact model: the fast redactor does what a slow, obvious one does", "[redact][model]") {
  for (const RedactAction action :
       {RedactAction::mask, RedactAction::partial, RedactAction::hash, RedactAction::remove}) {
    RedactSettings settings = presets(kPatterns, action);
    settings.fields = kFields;
    Redaction fast(settings);
    const Mask mask = Mask::make("***", Secret::literal("key")).value();
    const model::SlowRedactor slow(kPatterns, kFields, action, mask);
    RecordMaker make(20261129 + static_cast<unsigned>(action));
    for (int i = 0; i < 120; ++i) {
      const Node record = make.record(6);
      const std::string line = model::SlowRedactor::written(record);
      INFO(line);
      CHECK(fast(line) == slow(record));
    }
  }
}

TEST_CASE("redact model: records with thousands of hits, and more than the fast one can hold",
          "[redact][model]") {
  for (const int breadth : {1500, 6000}) {
    RedactSettings settings = presets({"email", "card"});
    settings.fields = kFields;
    Redaction fast(settings);
    const Mask mask = Mask::make("***", {}).value();
    const model::SlowRedactor slow({"email", "card"}, kFields, RedactAction::mask, mask);
    Node record{Node::Kind::object, "", {}};
    Node list{Node::Kind::list, "", {}};
    for (int i = 0; i < breadth; ++i) {
      list.children.push_back({"",
                               {Node::Kind::text,
                                std::string(static_cast<std::size_t>(i % 70), ' ') +
                                    "to ann@example.com 4111111111111111\n",
                                {}}});
    }
    record.children.push_back({"list", std::move(list)});
    record.children.push_back({"password", {Node::Kind::text, "x", {}}});
    CHECK(fast(model::SlowRedactor::written(record)) == slow(record));
  }
}
