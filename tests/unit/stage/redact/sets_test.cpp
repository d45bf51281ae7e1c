#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <string>

#include "stage/redact/card_registry.hpp"
#include "stage/redact/iban_registry.hpp"
#include "stage/redact/redact_settings.hpp"
#include "stage/redact/redaction_presets.hpp"
#include "stage/redact/secret_catalog.hpp"
#include "stage/redact/secret_names.hpp"
#include "tests/unit/stage/redact/redaction.hpp"

using namespace ship;
using namespace ship::test;

namespace {

template <class Words>
std::string joined(const Words& words) {
  std::string text;
  for (const auto& word : words) {
    if (!text.empty()) text += ' ';
    text += '`';
    text += word;
    text += '`';
  }
  return text.empty() ? "–" : text;
}

// The part of the page that the data make.
std::string tables() {
  std::ostringstream out;
  out << "## Sets\n\n| set | what | patterns | fields |\n|---|---|---|---|\n";
  for (const RedactionPreset& preset : redaction_presets()) {
    const RedactionSet set = resolve(preset);
    out << "| `" << preset.name << "` | " << preset.help << " | "
        << (set.credentials ? std::string("every credential pattern") : joined(set.patterns))
        << " | " << (set.credentials ? std::string("the list of names") : joined(set.fields))
        << " |\n";
  }
  out << "\nNames are read without regard to case, `-` as `_`. Of fapilog's sets `*auth*` (it "
         "takes "
         "`author`) and `*expir*` (it takes `expires_in`) are left out.\n";
  out << "\n## The list of names\n\n| the name | in text | as a field |\n|---|---|---|\n";
  for (const SecretName& name : secret_names()) {
    const char* before = name.where == SecretName::Where::whole  ? ""
                         : name.where == SecretName::Where::word ? "… "
                                                                 : "…";
    static constexpr const char* kValues[] = {"any value", "a random one",
                                              "credentials of a scheme", "the rest of the line"};
    out << "| `" << before << name.name << (name.plural ? "(s)" : "") << "` | "
        << kValues[static_cast<int>(name.in_text)] << " | "
        << kValues[static_cast<int>(name.in_field)] << " |\n";
  }
  out << "\n## Patterns\n\n| pattern | partial shows | source |\n|---|---|---|\n";
  std::vector<std::string> seen;
  for (const SecretPattern& pattern : secret_patterns()) {
    std::string row = "| `" + std::string(pattern.name) + "` | " +
                      (pattern.shown == Shown::nothing ? "nothing"
                       : pattern.shown == Shown::end   ? "the end"
                                                       : "the domain") +
                      " | " + std::string(pattern.source) + " |\n";
    if (std::find(seen.begin(), seen.end(), row) == seen.end()) seen.push_back(std::move(row));
  }
  for (const std::string& row : seen) out << row;
  out << "\n## Card networks\n\n| network | first digits | digits | source |\n|---|---|---|---|\n";
  for (const CardRange& range : card_ranges()) {
    out << "| " << range.network << " | " << range.first;
    if (range.last != range.first) out << "–" << range.last;
    std::string sizes;
    for (unsigned size = 12; size <= 19; ++size) {
      if ((range.sizes >> size & 1) == 0) continue;
      sizes += (sizes.empty() ? "" : " ") + std::to_string(size);
    }
    out << " | " << sizes << " | " << range.source << " |\n";
  }
  out << "\n## IBAN countries\n\nThe IBAN registry, release 101:";
  for (const IbanCountry& country : iban_countries())
    out << " " << country.code << " " << static_cast<int>(country.size) << ",";
  out << " and any other country with a right checksum, in one piece or in groups of four.\n";
  return out.str();
}

bool masks(const std::string& set, const std::string& field,
           const std::string& value = "some text") {
  static std::map<std::string, std::unique_ptr<Redaction>> redactions;
  auto& redact = redactions[set];
  if (!redact) redact = std::make_unique<Redaction>(presets({set}));
  const std::string line = R"({"data":{")" + field + R"(":")" + value + R"("}})";
  return (*redact)(line) == R"({"data":{")" + field + R"(":"***"}})";
}

}  // namespace

TEST_CASE("redact sets: the page tells what each set holds", "[redact][sets]") {
  std::ifstream file(SHIP_TEST_DATA "/../../packaging/doc/redaction.md");
  std::stringstream page;
  page << file.rdbuf();
  CHECK(page.str().find(tables()) != std::string::npos);
}

TEST_CASE("redact sets: print the page's tables", "[.tables]") { std::cout << tables(); }

TEST_CASE("redact sets: fapilog's sets mask fapilog's fields, by its names", "[redact][sets]") {
  // As fapilog's own presets name them; a field of what a set includes belongs to it.
  const std::map<std::string, std::vector<std::string>> fields = {
      {"CONTACT_INFO",
       {"email",          "e_mail",   "email_address", "phone",    "phone_number", "telephone",
        "mobile",         "cell",     "fax",           "address",  "street",       "street_address",
        "postal_address", "postcode", "postal_code",   "zipcode",  "zip_code",     "zip",
        "city",           "town",     "state",         "province", "country"}},
      {"PERSONAL_IDENTIFIERS",
       {"name", "first_name", "last_name", "full_name", "surname", "given_name", "middle_name",
        "maiden_name", "nickname", "dob", "date_of_birth", "birth_date", "birthday", "age",
        "gender", "sex"}},
      {"ONLINE_IDENTIFIERS",
       {"ip", "ip_address", "ipv4", "ipv6", "client_ip", "remote_ip", "device_id",
        "device_identifier", "udid", "idfa", "gaid", "mac_address", "hardware_id", "user_agent",
        "browser_fingerprint", "cookie_id", "tracking_id", "visitor_id"}},
      {"FINANCIAL_IDENTIFIERS",
       {"iban", "bic", "swift", "bank_account", "account_number", "account_no", "sort_code",
        "routing_number", "bsb"}},
      {"US_GOVERNMENT_IDS",
       {"ssn", "social_security", "social_security_number", "itin", "ein", "passport",
        "passport_number", "drivers_license", "driver_license", "dl_number"}},
      {"UK_GOVERNMENT_IDS",
       {"national_insurance", "ni_number", "nino", "nhs_number", "passport", "passport_number",
        "driving_licence", "licence_number"}},
      {"EU_GOVERNMENT_IDS",
       {"national_id", "id_number", "identity_number", "id_card", "passport", "passport_number",
        "tax_id", "tin", "vat_number", "drivers_license", "licence_number"}},
      {"GDPR_PII",
       {"biometric_data", "genetic_data", "health_data", "email", "name", "ip", "iban",
        "national_id"}},
      {"GDPR_PII_UK", {"biometric_data", "email", "nhs_number", "ni_number"}},
      {"CCPA_PII", {"household_id", "inferred_preferences", "purchase_history", "email", "ssn"}},
      {"HIPAA_PHI",
       {"mrn",
        "medical_record_number",
        "patient_id",
        "health_plan_id",
        "beneficiary_id",
        "account_number",
        "certificate_number",
        "license_number",
        "vehicle_id",
        "vin",
        "device_serial",
        "device_identifier",
        "url",
        "web_url",
        "biometric_id",
        "fingerprint",
        "voiceprint",
        "photo",
        "image",
        "email",
        "name",
        "ssn"}},
      {"PCI_DSS", {"card_number",   "credit_card", "cc_number",
                   "pan",           "cvv",         "cvc",
                   "cvv2",          "cid",         "security_code",
                   "card_security", "expiry",      "expiry_date",
                   "expiration",    "exp_date",    "exp_month",
                   "exp_year",      "cardholder",  "cardholder_name",
                   "card_holder",   "card_pin",    "pin",
                   "track_data",    "track1",      "track2"}},
      {"CREDENTIALS", {"password",       "passwd",        "pwd",
                       "pass",           "secret",        "api_secret",
                       "client_secret",  "shared_secret", "token",
                       "access_token",   "refresh_token", "auth_token",
                       "bearer_token",   "jwt",           "api_key",
                       "apikey",         "api_token",     "private_key",
                       "secret_key",     "signing_key",   "encryption_key",
                       "authorization",  "auth_header",   "session_id",
                       "session_token",  "session_key",   "cookie",
                       "session_cookie", "auth_cookie",   "otp",
                       "totp",           "mfa_code",      "verification_code"}}};
  for (const auto& [set, names] : fields) {
    for (const std::string& name : names) {
      INFO(set << " " << name);
      CHECK(masks(set, name));
    }
  }
  CHECK(!masks("CREDENTIALS", "author"));
  CHECK(!masks("PCI_DSS", "expires_in"));
}

TEST_CASE("redact sets: the help of --redact names each set", "[redact][sets]") {
  const auto rows = redact_rows();
  const auto row = std::find_if(rows.begin(), rows.end(), [](const Setting& setting) {
    return setting.key == "redact.presets";
  });
  REQUIRE(row != rows.end());
  std::string help = " " + std::string(row->help);
  std::replace(help.begin(), help.end(), ',', ' ');
  for (const RedactionPreset& preset : redaction_presets()) {
    if (preset.help.starts_with("fapilog's: ")) continue;
    INFO(preset.name << " in " << help);
    CHECK(help.find(" " + std::string(preset.name) + " ") != std::string::npos);
  }
  CHECK(help.find(" GDPR_PII ") != std::string::npos);
}

TEST_CASE("redact sets: short names in any case", "[redact][sets]") {
  for (const std::string set : {"GDPR", "Gdpr-UK", "CCPA"}) CHECK(masks(set, "date_of_birth"));
  CHECK(masks("GDPR_UK", "nhs_number"));
  CHECK(masks("CCPA", "household_id"));
  CHECK(masks("PCI", "cvv"));
  CHECK(masks("HIPAA", "mrn"));
  CHECK(!masks("GDPR", "state"));
  CHECK(!masks("CCPA", "name"));
}

TEST_CASE("redact sets: the field blocker takes whole requests and responses", "[redact][sets]") {
  Redaction redact(presets({"field_blocker"}));
  for (const std::string name : {"body", "request_body", "responseBody", "payload", "raw", "dump",
                                 "raw_body", "raw-request", "raw_response"}) {
    CHECK(redact(R"({"data":{")" + name + R"(":{"a":[1,{"b":"c"}]},"n":1}})") ==
          R"({"data":{")" + name + R"(":"***","n":1}})");
  }
  const std::string line = R"({"nobody":"x","antibody":1,"drawn":"y","raw_score":3})";
  CHECK(redact(line) == line);
}
