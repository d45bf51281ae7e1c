#include "stage/redact/secret_catalog.hpp"

#include <algorithm>
#include <array>

namespace ship {
namespace {

// Prefixes are those that the issuers document, as secret scanners know them.
constexpr std::array kPatterns = {
    SecretPattern{"bearer",
                  R"((?:bearer|basic|token|negotiate|apikey|digest)[ \t]+[a-z0-9._~+/-]{8})", true,
                  find_scheme_token},
    SecretPattern{"jwt", R"(eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4})", false, find_dotted_token},
    SecretPattern{"aws_key", R"((?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16})", false, find_token},
    SecretPattern{"github_token", R"(gh[pousr]_[A-Za-z0-9]{36})", false, find_token},
    SecretPattern{"github_token", R"(github_pat_[A-Za-z0-9_]{22})", false, find_token},
    SecretPattern{"gitlab_token", R"(gl(?:pat|ptt|dt|rt|cbt|ft|soat|agent|imt)-[A-Za-z0-9_-]{20})",
                  false, find_token},
    SecretPattern{"slack_token", R"(xox[abeoprs]-[A-Za-z0-9-]{10})", false, find_token},
    SecretPattern{"slack_token", R"(xapp-[0-9]-[A-Za-z0-9-]{10})", false, find_token},
    SecretPattern{"slack_webhook",
                  R"(hooks\.slack\.com/services/T[A-Za-z0-9]+/B[A-Za-z0-9]+/[A-Za-z0-9]{8})", false,
                  find_token},
    SecretPattern{"stripe_key", R"((?:sk|rk)_(?:live|test)_[A-Za-z0-9]{10})", false, find_token},
    SecretPattern{"stripe_key", R"(whsec_[A-Za-z0-9]{20})", false, find_token},
    SecretPattern{"google_key", R"(AIza[A-Za-z0-9_-]{35})", false, find_token},
    SecretPattern{"google_key", R"(GOCSPX-[A-Za-z0-9_-]{20})", false, find_token},
    SecretPattern{"google_key", R"(ya29\.[A-Za-z0-9_-]{20})", false, find_dotted_token},
    SecretPattern{"azure_key", R"(AccountKey=[A-Za-z0-9+/])", false, find_assigned},
    SecretPattern{"azure_key", R"([?&]sig=[A-Za-z0-9%+/=]{20})", false, find_query_value},
    SecretPattern{"npm_token", R"(npm_[A-Za-z0-9]{36})", false, find_token},
    SecretPattern{"pypi_token", R"(pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{20})", false, find_token},
    SecretPattern{"sendgrid_key", R"(SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{40})", false,
                  find_dotted_token},
    SecretPattern{"openai_key", R"(\bsk-[A-Za-z0-9_-]{20})", false, find_random_token},
    SecretPattern{"huggingface_token", R"(\bhf_[A-Za-z0-9]{34})", false, find_token},
    SecretPattern{"vault_token", R"(\bhv[sbr]\.[A-Za-z0-9_-]{24})", false, find_dotted_token},
    SecretPattern{"digitalocean_token", R"(do[opr]_v1_[a-f0-9]{64})", false, find_token},
    SecretPattern{"shopify_token", R"(shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32})", false, find_token},
    SecretPattern{"private_key", R"(-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY)", false,
                  find_private_key},
    SecretPattern{"url_userinfo", R"(://[^\s/?#"'<>\\]+@)", false, find_url_userinfo},
    SecretPattern{
        "assignment",
        R"((?:passw(?:or)?d|passphrase|passwort|pwd|secret|api[_-]?key|access[_-]?key(?:[_-]?id)?)"
        R"(|auth[_-]?token|access[_-]?token|refresh[_-]?token|id[_-]?token|session[_-]?token)"
        R"(|client[_-]?secret|private[_-]?key|secret[_-]?key|signing[_-]?key|encryption[_-]?key)"
        R"(|credentials?|otp|passcode|_pass)(?:\\{0,3}["'])?\]?\s{0,3}(?::=?|=>?)\s{0,3}(?:\\{0,3}["'])?[^\s"'\\=:>])",
        true, find_assigned},
    SecretPattern{"assignment",
                  R"(\b(?:token|session(?:[_-]?id)?|sid|signature)"
                  R"()(?:\\{0,3}["'])?\s{0,3}[:=]\s{0,3}(?:\\{0,3}["'])?[^\s"'\\=:>])",
                  true, find_assigned_random},
    SecretPattern{"assignment",
                  R"(--[a-z0-9-]{0,32}(?:password|passwd|passphrase|token|secret|api-?key))"
                  R"(["']?,?[ \t=]["']?[^\s"'\\=,-])",
                  true, find_argument},
    SecretPattern{"authorization",
                  R"(authorization(?:\\{0,3}["'])?\s{0,3}[:=]\s{0,3}(?:\\{0,3}["'])?[^\s"'\\=:>])",
                  true, find_authorization},
    SecretPattern{"cookie",
                  R"(cookie(?:\\{0,3}["'])?\s{0,3}[:=]\s{0,3}(?:\\{0,3}["'])?[^\s"'\\=:>])", true,
                  find_header},

    SecretPattern{"email", R"([A-Za-z0-9._%+'\x80-\xff-]@[A-Za-z0-9\x80-\xff])", false, find_email},
    SecretPattern{"phone", R"(\+[1-9][0-9 ().-]{7})", false, find_phone},
    SecretPattern{"phone", R"([0-9]{3}\)?[ .-][0-9]{3}[ .-][0-9]{4})", false, find_phone},
    SecretPattern{"card", R"([0-9]{4}[ -]?[0-9]{4,6}[ -]?[0-9]{4,5})", false, find_card},
    SecretPattern{"iban", R"([A-Z]{2}[0-9]{2} ?[A-Z0-9]{4} ?[A-Z0-9]{4} ?[A-Z0-9]{3})", false,
                  find_iban},
    SecretPattern{"ip", R"([0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9])", false, find_ip},
    SecretPattern{"ip", R"(::[0-9a-fA-F])", false, find_ip},
    SecretPattern{"ip", R"([0-9a-fA-F]:[0-9a-fA-F]{1,4}:[0-9a-fA-F]{1,4}:[0-9a-fA-F]{1,4}:)", false,
                  find_ip},
    SecretPattern{"ssn", R"([0-9]{3}-[0-9]{2}-[0-9]{4})", false, find_ssn},
};

constexpr std::string_view kCredentialPatterns =
    "bearer jwt aws_key github_token gitlab_token slack_token slack_webhook stripe_key "
    "google_key azure_key npm_token pypi_token sendgrid_key openai_key huggingface_token "
    "vault_token digitalocean_token shopify_token private_key url_userinfo assignment "
    "authorization cookie";
constexpr std::string_view kCredentialFields =
    "*password *passwd *passphrase *pwd *secret *api_key *access_key *secret_key "
    "*private_key *signing_key *encryption_key *access_token *refresh_token *id_token "
    "*auth_token *session_token *bearer_token *api_token token jwt bearer authorization "
    "proxy_authorization cookie set_cookie x_api_key x_auth_token csrf_token xsrf_token "
    "session_id credential credentials connection_string otp mfa_code totp recovery_code "
    "secret_access_key";

constexpr std::string_view kContactPatterns = "email phone";
constexpr std::string_view kContactFields =
    "*email e_mail *email_address *phone *phone_number telephone mobile mobile_number fax "
    "street street_address postal_address home_address billing_address shipping_address "
    "postcode postal_code zipcode zip_code";

constexpr std::string_view kFinancialPatterns = "card iban";
constexpr std::string_view kFinancialFields =
    "iban bic swift_code bank_account account_number account_no sort_code routing_number "
    "bsb card_number credit_card";

constexpr std::string_view kPciPatterns = "card";
constexpr std::string_view kPciFields =
    "card_number credit_card cc_number pan cvv cvc cvv2 security_code expiry_date "
    "exp_date exp_month exp_year card_expiry cardholder cardholder_name card_holder "
    "card_pin pin track_data track1 track2";

constexpr std::string_view kPiiPatterns = "email phone card iban ip ssn";
constexpr std::string_view kPiiFields =
    "*email e_mail *email_address *phone *phone_number telephone mobile_number first_name "
    "last_name full_name surname given_name maiden_name dob date_of_birth birth_date "
    "birthday ssn social_security_number passport passport_number drivers_license "
    "national_id tax_id iban card_number credit_card client_ip remote_ip ip_address "
    "remote_addr street_address postal_address home_address";

constexpr std::string_view kHipaaPatterns = "email phone ssn ip";
constexpr std::string_view kHipaaFields =
    "*email e_mail *phone *phone_number telephone fax first_name last_name full_name "
    "patient_name dob date_of_birth birth_date ssn social_security_number mrn "
    "medical_record_number patient_id health_plan_id beneficiary_id account_number "
    "certificate_number license_number vehicle_id vin device_serial device_identifier "
    "biometric_id fingerprint voiceprint diagnosis street_address home_address zip_code "
    "ip_address client_ip";

constexpr std::string_view kGdprPatterns = "email phone iban card ip";
constexpr std::string_view kGdprFields =
    "*email e_mail *email_address *phone *phone_number telephone mobile_number first_name "
    "last_name full_name surname given_name maiden_name dob date_of_birth birth_date "
    "gender street_address postal_address home_address postcode postal_code client_ip "
    "remote_ip ip_address remote_addr device_id mac_address idfa gaid cookie_id iban "
    "bank_account account_number national_id identity_number id_card passport "
    "passport_number tax_id vat_number biometric_data genetic_data health_data";

constexpr std::array<RedactionPreset, 7> kPresets = {{
    {"credentials", "passwords, tokens, keys, cookies, URL user information", kCredentialPatterns,
     kCredentialFields},
    {"pii", "e-mail, phone, card, IBAN and IP numbers, names, dates of birth, government numbers",
     kPiiPatterns, kPiiFields},
    {"pci", "card numbers and what belongs to a card (PCI DSS)", kPciPatterns, kPciFields},
    {"hipaa", "the identifiers of the HIPAA safe harbor rule", kHipaaPatterns, kHipaaFields},
    {"gdpr", "personal data as of GDPR, article 4", kGdprPatterns, kGdprFields},
    {"contact", "e-mail, phone, postal addresses", kContactPatterns, kContactFields},
    {"financial", "card, IBAN and account numbers", kFinancialPatterns, kFinancialFields},
}};

}  // namespace

std::span<const SecretPattern> secret_patterns() { return kPatterns; }

std::span<const RedactionPreset> redaction_presets() { return kPresets; }

const RedactionPreset* find_redaction_preset(std::string_view name) {
  const auto found =
      std::find_if(kPresets.begin(), kPresets.end(),
                   [&](const RedactionPreset& preset) { return preset.name == name; });
  return found == kPresets.end() ? nullptr : &*found;
}

std::string redaction_preset_names() {
  std::string names;
  for (const RedactionPreset& preset : kPresets) {
    if (!names.empty()) names += ", ";
    names += preset.name;
  }
  return names;
}

}  // namespace ship
