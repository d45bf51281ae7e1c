#include "stage/redact/secret_catalog.hpp"

#include <array>
#include <utility>
#include <vector>

#include "stage/redact/credential_formats.hpp"
#include "stage/redact/secret_names.hpp"

namespace ship {
namespace {

using Where = SecretName::Where;
using Value = SecretName::Value;

// After a name: its closing quote, which may be escaped, `=`, `:`, `:=` or `=>`, the opening quote,
// and the first character of the value.
constexpr std::string_view kAssigns =
    R"((?:\\{0,3}["'])?\]?\s{0,3}(?::=?|=>?|-?>|%3d|,?\s?(?:\\{0,3}["'])?value(?:\\{0,3}["'])?\s?[:=])\s{0,3})"
    R"((?:\\{0,3}["'][^\s"'\\]|[^\s"'\\=:><]))";

std::string named(std::string_view before, Where where, Value value) {
  return std::string(before) + "(?:" + secret_names_regex(where, value) + ")" +
         std::string(kAssigns);
}

void add_credentials(std::vector<SecretPattern>& patterns) {
  for (const CredentialFormat& format : credential_formats()) {
    // A token with its own prefix may show its end; a key or a password may not.
    const bool token = format.find == find_token || format.find == find_random_token ||
                       format.find == find_dotted_token || format.find == find_base64_token;
    patterns.push_back({format.name, std::string(format.regex), false, format.find,
                        token ? Shown::end : Shown::nothing, format.source});
  }
  patterns.push_back({"bearer",
                      R"((?:bearer|basic|token|negotiate|apikey|digest)[ \t]+[a-z0-9._~+/-]{8})",
                      true, find_scheme_token, Shown::nothing, "RFC 7235, RFC 6750"});
}

void add_named(std::vector<SecretPattern>& patterns) {
  constexpr std::string_view kList = "the list of names";
  const auto add = [&](std::string_view name, std::string regex, FindSecret find) {
    patterns.push_back({name, std::move(regex), true, find, Shown::nothing, kList});
  };
  add("assignment", named("", Where::tail, Value::any), find_assigned);
  add("assignment", named("_", Where::word, Value::any), find_assigned);
  // A name may follow a percent-encoded character in a URL.
  constexpr std::string_view kStart = R"((?:\b|%[0-9a-f]{2}))";
  add("assignment", named(kStart, Where::whole, Value::any), find_assigned);
  add("assignment", named(kStart, Where::whole, Value::random), find_assigned_random);
  add("assignment",
      R"(--[a-z0-9-]{0,32}(?:password|passwd|passphrase|token|secret|api-?key))"
      R"(["']?,?[ \t=]["']?[^\s"'\\=,-])",
      find_argument);
  // An element of XML with attributes, as in WS-Security; SQL; .netrc; single-letter options.
  add("assignment", R"re(password\s[^<>\n]{1,160}[^<>\n/-]>[^\s<])re", find_assigned);
  add("assignment", R"((?:identified\s{1,3}by|password)\s{0,3}\(?\s?n?'[^\s'\\])", find_word);
  add("assignment", R"(\slogin\s[^\s]{1,64}\s{1,3}password\s[^\s])", find_word);
  add("assignment",
      R"(curl\s(?:[^\n|]{0,160}\s)?(?:-u|--user|--proxy-user)[ =]["']?[^\s:"']{1,64}:[^\s"':])",
      find_word);
  add("assignment",
      R"((?:sshpass\s|(?:docker|podman|helm)\s[^\n|]{0,32}login\s(?:[^\n|]{0,80}\s)?)-p[ =]?["']?[^\s"'])",
      find_word);
  add("assignment", R"(mysql[a-z]{0,8}\s(?:[^\n|]{0,80}\s)?-p["']?[^\s"'])", find_word);
  add("authorization", named("", Where::tail, Value::authorization), find_authorization);
  add("cookie", named(R"(\b)", Where::whole, Value::header), find_header);
  add("cookie", named("", Where::tail, Value::header), find_header);
}

void add_personal(std::vector<SecretPattern>& patterns) {
  const auto add = [&](std::string_view name, std::string_view regex, FindSecret find, Shown shown,
                       std::string_view source) {
    patterns.push_back({name, std::string(regex), false, find, shown, source, true});
  };
  // With the surrounding characters in the expression, vectorscan 5.4.9 misses nearly every one on
  // processors with AVX-512 (VectorCamp/vectorscan, issue 304).
  add("email", "@", find_email, Shown::email_domain, "RFC 5322, RFC 6531");
  add("email", "%40", find_email, Shown::email_domain, "RFC 5322, RFC 6531");
  add("phone", R"(\+[1-9][0-9 ().-]{7})", find_phone, Shown::end, "ITU-T E.164");
  add("phone", R"([0-9]{3}\)?[ .-][0-9]{3}[ .-][0-9]{4})", find_phone, Shown::end,
      "North American Numbering Plan");
  add("card", R"(\b[0-9]{4}[ -]?[0-9]{4,6}[ -]?[0-9]{4,5})", find_card, Shown::end,
      "the card registry");
  add("iban", R"([A-Z]{2}[ -]?[0-9]{2}(?:[ -]?[A-Z0-9]){11})", find_iban, Shown::end,
      "the IBAN registry");
  add("ip", R"([0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9])", find_ipv4, Shown::end, "RFC 791");
  add("ip", R"(::[0-9a-fA-F])", find_ipv6, Shown::end, "RFC 4291");
  add("ip", R"([0-9a-fA-F]:[0-9a-fA-F]{1,4}:[0-9a-fA-F]{1,4}:[0-9a-fA-F]{1,4}:)", find_ipv6,
      Shown::end, "RFC 4291");
  add("ssn", R"([0-9]{3}-[0-9]{2}-[0-9]{4})", find_ssn, Shown::end,
      "US Social Security Administration");
  add("nino", R"([A-Z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D])", find_nino, Shown::end,
      "HMRC, NIM39110");
  add("nhs_number", R"([0-9]{3}[ -][0-9]{3}[ -][0-9]{4})", find_nhs_number, Shown::end,
      "NHS Data Dictionary");
}

}  // namespace

std::span<const SecretPattern> secret_patterns() {
  static const std::vector<SecretPattern> kPatterns = [] {
    std::vector<SecretPattern> patterns;
    add_credentials(patterns);
    add_named(patterns);
    add_personal(patterns);
    return patterns;
  }();
  return kPatterns;
}

}  // namespace ship
