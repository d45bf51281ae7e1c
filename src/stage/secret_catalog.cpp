#include "stage/secret_catalog.hpp"

#include <algorithm>
#include <array>

namespace ship {
namespace {

using Text = std::string_view;

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
    SecretPattern{"openai_key", R"(\bsk-[A-Za-z0-9_-]{20})", false, find_token},
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
        R"(|credentials?|otp|passcode)(?:\\{0,3}["'])?\]?\s{0,3}(?::=?|=>?)\s{0,3}(?:\\{0,3}["'])?[^\s"'\\=:>])",
        true, find_assigned},
    SecretPattern{"assignment",
                  R"((?:token|session(?:[_-]?id)?|sid|signature)"
                  R"()(?:\\{0,3}["'])?\s{0,3}[:=]\s{0,3}(?:\\{0,3}["'])?[^\s"'\\=:>])",
                  true, find_assigned_random},
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

constexpr std::array kCredentialPatterns = {Text("bearer"),
                                            Text("jwt"),
                                            Text("aws_key"),
                                            Text("github_token"),
                                            Text("gitlab_token"),
                                            Text("slack_token"),
                                            Text("slack_webhook"),
                                            Text("stripe_key"),
                                            Text("google_key"),
                                            Text("azure_key"),
                                            Text("npm_token"),
                                            Text("pypi_token"),
                                            Text("sendgrid_key"),
                                            Text("openai_key"),
                                            Text("huggingface_token"),
                                            Text("vault_token"),
                                            Text("digitalocean_token"),
                                            Text("shopify_token"),
                                            Text("private_key"),
                                            Text("url_userinfo"),
                                            Text("assignment"),
                                            Text("authorization"),
                                            Text("cookie")};
constexpr std::array kCredentialFields = {Text("*password"),
                                          Text("*passwd"),
                                          Text("*passphrase"),
                                          Text("*pwd"),
                                          Text("*secret"),
                                          Text("*api_key"),
                                          Text("*access_key"),
                                          Text("*secret_key"),
                                          Text("*private_key"),
                                          Text("*signing_key"),
                                          Text("*encryption_key"),
                                          Text("*access_token"),
                                          Text("*refresh_token"),
                                          Text("*id_token"),
                                          Text("*auth_token"),
                                          Text("*session_token"),
                                          Text("*bearer_token"),
                                          Text("*api_token"),
                                          Text("token"),
                                          Text("jwt"),
                                          Text("bearer"),
                                          Text("authorization"),
                                          Text("proxy_authorization"),
                                          Text("cookie"),
                                          Text("set_cookie"),
                                          Text("x_api_key"),
                                          Text("x_auth_token"),
                                          Text("csrf_token"),
                                          Text("xsrf_token"),
                                          Text("session_id"),
                                          Text("credential"),
                                          Text("credentials"),
                                          Text("connection_string"),
                                          Text("otp"),
                                          Text("mfa_code"),
                                          Text("totp"),
                                          Text("recovery_code"),
                                          Text("secret_access_key")};

constexpr std::array kContactPatterns = {Text("email"), Text("phone")};
constexpr std::array kContactFields = {
    Text("*email"),       Text("e_mail"),          Text("*email_address"),
    Text("*phone"),       Text("*phone_number"),   Text("telephone"),
    Text("mobile"),       Text("mobile_number"),   Text("fax"),
    Text("street"),       Text("street_address"),  Text("postal_address"),
    Text("home_address"), Text("billing_address"), Text("shipping_address"),
    Text("postcode"),     Text("postal_code"),     Text("zipcode"),
    Text("zip_code")};

constexpr std::array kFinancialPatterns = {Text("card"), Text("iban")};
constexpr std::array kFinancialFields = {Text("iban"),
                                         Text("bic"),
                                         Text("swift_code"),
                                         Text("bank_account"),
                                         Text("account_number"),
                                         Text("account_no"),
                                         Text("sort_code"),
                                         Text("routing_number"),
                                         Text("bsb"),
                                         Text("card_number"),
                                         Text("credit_card")};

constexpr std::array kPciPatterns = {Text("card")};
constexpr std::array kPciFields = {
    Text("card_number"), Text("credit_card"),   Text("cc_number"),
    Text("pan"),         Text("cvv"),           Text("cvc"),
    Text("cvv2"),        Text("security_code"), Text("expiry_date"),
    Text("exp_date"),    Text("exp_month"),     Text("exp_year"),
    Text("card_expiry"), Text("cardholder"),    Text("cardholder_name"),
    Text("card_holder"), Text("card_pin"),      Text("pin"),
    Text("track_data"),  Text("track1"),        Text("track2")};

constexpr std::array kPiiPatterns = {Text("email"), Text("phone"), Text("card"),
                                     Text("iban"),  Text("ip"),    Text("ssn")};
constexpr std::array kPiiFields = {Text("*email"),
                                   Text("e_mail"),
                                   Text("*email_address"),
                                   Text("*phone"),
                                   Text("*phone_number"),
                                   Text("telephone"),
                                   Text("mobile_number"),
                                   Text("first_name"),
                                   Text("last_name"),
                                   Text("full_name"),
                                   Text("surname"),
                                   Text("given_name"),
                                   Text("maiden_name"),
                                   Text("dob"),
                                   Text("date_of_birth"),
                                   Text("birth_date"),
                                   Text("birthday"),
                                   Text("ssn"),
                                   Text("social_security_number"),
                                   Text("passport"),
                                   Text("passport_number"),
                                   Text("drivers_license"),
                                   Text("national_id"),
                                   Text("tax_id"),
                                   Text("iban"),
                                   Text("card_number"),
                                   Text("credit_card"),
                                   Text("client_ip"),
                                   Text("remote_ip"),
                                   Text("ip_address"),
                                   Text("remote_addr"),
                                   Text("street_address"),
                                   Text("postal_address"),
                                   Text("home_address")};

constexpr std::array kHipaaPatterns = {Text("email"), Text("phone"), Text("ssn"), Text("ip")};
constexpr std::array kHipaaFields = {Text("*email"),
                                     Text("e_mail"),
                                     Text("*phone"),
                                     Text("*phone_number"),
                                     Text("telephone"),
                                     Text("fax"),
                                     Text("first_name"),
                                     Text("last_name"),
                                     Text("full_name"),
                                     Text("patient_name"),
                                     Text("dob"),
                                     Text("date_of_birth"),
                                     Text("birth_date"),
                                     Text("ssn"),
                                     Text("social_security_number"),
                                     Text("mrn"),
                                     Text("medical_record_number"),
                                     Text("patient_id"),
                                     Text("health_plan_id"),
                                     Text("beneficiary_id"),
                                     Text("account_number"),
                                     Text("certificate_number"),
                                     Text("license_number"),
                                     Text("vehicle_id"),
                                     Text("vin"),
                                     Text("device_serial"),
                                     Text("device_identifier"),
                                     Text("biometric_id"),
                                     Text("fingerprint"),
                                     Text("voiceprint"),
                                     Text("diagnosis"),
                                     Text("street_address"),
                                     Text("home_address"),
                                     Text("zip_code"),
                                     Text("ip_address"),
                                     Text("client_ip")};

constexpr std::array kGdprPatterns = {Text("email"), Text("phone"), Text("iban"), Text("card"),
                                      Text("ip")};
constexpr std::array kGdprFields = {
    Text("*email"),         Text("e_mail"),        Text("*email_address"),
    Text("*phone"),         Text("*phone_number"), Text("telephone"),
    Text("mobile_number"),  Text("first_name"),    Text("last_name"),
    Text("full_name"),      Text("surname"),       Text("given_name"),
    Text("maiden_name"),    Text("dob"),           Text("date_of_birth"),
    Text("birth_date"),     Text("gender"),        Text("street_address"),
    Text("postal_address"), Text("home_address"),  Text("postcode"),
    Text("postal_code"),    Text("client_ip"),     Text("remote_ip"),
    Text("ip_address"),     Text("remote_addr"),   Text("device_id"),
    Text("mac_address"),    Text("idfa"),          Text("gaid"),
    Text("cookie_id"),      Text("iban"),          Text("bank_account"),
    Text("account_number"), Text("national_id"),   Text("identity_number"),
    Text("id_card"),        Text("passport"),      Text("passport_number"),
    Text("tax_id"),         Text("vat_number"),    Text("biometric_data"),
    Text("genetic_data"),   Text("health_data")};

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
