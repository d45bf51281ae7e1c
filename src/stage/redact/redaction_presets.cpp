#include "stage/redact/redaction_presets.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "stage/redact/secret_catalog.hpp"

namespace ship {
namespace {

// clang-format off
constexpr std::array kPresets = {
    RedactionPreset{
        "credentials", "passwords, tokens, keys, cookies, URL user information", "", "", "", true, true},
    RedactionPreset{
        "pii", "e-mail, phone, card, IBAN and IP numbers, names, dates of birth, government numbers",
        "email phone card iban ip ssn nino nhs_number",
        "*email e_mail *email_address *phone *phone_number telephone mobile_number first_name last_name "
        "full_name surname given_name middle_name maiden_name dob date_of_birth birth_date birthday ssn "
        "social_security social_security_number passport passport_number drivers_license driver_license "
        "driving_licence national_id national_insurance ni_number nino nhs_number itin tax_id iban "
        "card_number credit_card client_ip remote_ip ip_address remote_addr street_address "
        "postal_address home_address", ""},
    RedactionPreset{
        "pci", "card numbers and what belongs to a card (PCI DSS)", "card",
        "card_number card_no credit_card *credit_card_number cc_number pan cvv cvc cvv2 card_security "
        "security_code expiry_date exp_date exp_month exp_year card_expiry cardholder cardholder_name "
        "card_holder card_pin pin track_data track1 track2", ""},
    RedactionPreset{
        "hipaa", "the identifiers of the HIPAA safe harbor rule", "email phone ssn ip",
        "*email e_mail *phone *phone_number telephone fax first_name last_name full_name patient_name "
        "dob date_of_birth birth_date ssn social_security_number mrn medical_record_number patient_id "
        "health_plan_id beneficiary_id account_number certificate_number license_number vehicle_id vin "
        "device_serial device_identifier biometric_id fingerprint voiceprint diagnosis street_address "
        "home_address zip_code ip_address client_ip", ""},
    RedactionPreset{
        "gdpr", "personal data as of GDPR, article 4", "email phone iban card ip",
        "*email e_mail *email_address *phone *phone_number telephone mobile_number first_name last_name "
        "full_name surname given_name middle_name maiden_name dob date_of_birth birth_date birthday "
        "gender street_address postal_address home_address postcode postal_code client_ip remote_ip "
        "ip_address remote_addr device_id mac_address idfa gaid cookie_id iban bank_account "
        "account_number national_id identity_number id_card passport passport_number tax_id vat_number "
        "biometric_data genetic_data health_data", ""},
    RedactionPreset{
        "gdpr_uk", "the same for the UK, with National Insurance and NHS numbers", "nino nhs_number",
        "national_insurance ni_number nino nhs_number driving_licence licence_number", "gdpr"},
    RedactionPreset{
        "ccpa", "personal information as of the California Consumer Privacy Act", "email phone iban card ip ssn",
        "*email e_mail *email_address *phone *phone_number telephone mobile_number first_name last_name "
        "full_name surname given_name middle_name maiden_name dob date_of_birth birth_date birthday "
        "gender street_address postal_address home_address zipcode zip_code client_ip remote_ip "
        "ip_address remote_addr device_id mac_address idfa gaid cookie_id bank_account account_number "
        "routing_number ssn social_security social_security_number itin ein passport passport_number "
        "drivers_license driver_license dl_number household_id inferred_preferences purchase_history", ""},
    RedactionPreset{
        "contact", "e-mail, phone, postal addresses", "email phone",
        "*email e_mail *email_address *phone *phone_number telephone mobile mobile_number fax street "
        "street_address postal_address home_address billing_address shipping_address postcode "
        "postal_code zipcode zip_code", ""},
    RedactionPreset{
        "financial", "card, IBAN and account numbers", "card iban",
        "iban bic swift_code bank_account account_number account_no sort_code routing_number bsb "
        "card_number credit_card", ""},
    RedactionPreset{
        "field_blocker", "fields that hold whole requests and responses", "",
        "body request_body response_body payload raw dump raw_body raw_request raw_response", "",
        false, true},

    RedactionPreset{
        "contact_info", "fapilog's: e-mail, phone, postal addresses", "email phone",
        "*email* e_mail *phone* telephone *mobile* cell fax *address* street *postcode* postal_code "
        "*zipcode* zip_code zip city town state province country", "", false, true},
    RedactionPreset{
        "personal_identifiers", "fapilog's: names, birth, age, gender", "",
        "name first_name last_name full_name surname given_name middle_name maiden_name nickname dob "
        "*birth* age gender sex", "", false, true},
    RedactionPreset{
        "online_identifiers", "fapilog's: addresses and identifiers of devices and browsers", "ip",
        "ip ip_address ipv4 ipv6 client_ip remote_ip *device_id* device_identifier udid idfa gaid "
        "*mac_addr* hardware_id user_agent browser_fingerprint cookie_id tracking_id visitor_id", "",
        false, true},
    RedactionPreset{
        "financial_identifiers", "fapilog's: accounts and banks", "iban card",
        "iban bic swift bank_account *account_num* *account_no* sort_code *routing* bsb", "", false, true},
    RedactionPreset{
        "us_government_ids", "fapilog's: numbers that the US gives out", "ssn",
        "ssn *social_security* itin ein *passport* drivers_license driver_license dl_number", "", false, true},
    RedactionPreset{
        "uk_government_ids", "fapilog's: numbers that the UK gives out", "nino nhs_number",
        "*national_insurance* ni_num ni_number ni_no nino nhs nhs_number *passport* driving_licence "
        "licence_number", "", false, true},
    RedactionPreset{
        "eu_government_ids", "fapilog's: numbers that states of the EU give out", "",
        "*national_id* id_number identity_number id_card *passport* *tax_id* tin vat_number *license* "
        "*licence*", "", false, true},
    RedactionPreset{
        "gdpr_pii", "fapilog's: personal data as of GDPR, article 4", "",
        "biometric_data genetic_data health_data",
        "contact_info personal_identifiers online_identifiers financial_identifiers eu_government_ids", false, true},
    RedactionPreset{
        "gdpr_pii_uk", "fapilog's: the same for the UK", "", "", "gdpr_pii uk_government_ids", false, true},
    RedactionPreset{
        "ccpa_pii", "fapilog's: California Consumer Privacy Act", "",
        "household_id inferred_preferences purchase_history",
        "contact_info personal_identifiers online_identifiers financial_identifiers us_government_ids", false, true},
    RedactionPreset{
        "hipaa_phi", "fapilog's: protected health information", "ip",
        "mrn *medical_record* *patient_id* *health_plan* beneficiary_id account_number "
        "certificate_number license_number vehicle_id vin device_serial device_identifier url web_url "
        "biometric_id fingerprint voiceprint photo image",
        "contact_info personal_identifiers us_government_ids", false, true},
    RedactionPreset{
        "pci_dss", "fapilog's: cardholder data", "card",
        "*card_num* *card_no* *credit_card* cc_number pan cvv cvc cvv2 cid security_code card_security "
        "expiry expiry_date expiration exp_date exp_month exp_year *cardholder* card_holder card_pin "
        "pin track_data track1 track2", "", false, true},
};
// clang-format on

void add_words(std::vector<std::string_view>& words, std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    if (!word.empty() && std::find(words.begin(), words.end(), word) == words.end())
      words.push_back(word);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void add(RedactionSet& set, const RedactionPreset& preset) {
  set.credentials = set.credentials || preset.credentials;
  if (preset.credentials) {
    for (const SecretPattern& pattern : secret_patterns()) {
      if (!pattern.personal) add_words(set.patterns, pattern.name);
    }
  }
  add_words(set.patterns, preset.patterns);
  add_words(set.fields, preset.fields);
  std::vector<std::string_view> included;
  add_words(included, preset.includes);
  for (const std::string_view name : included) add(set, *find_redaction_preset(name));
}

}  // namespace

std::span<const RedactionPreset> redaction_presets() { return kPresets; }

const RedactionPreset* find_redaction_preset(std::string_view name) {
  const auto same = [](char a, char b) {
    const char small = to_lower(a);
    return (small == '-' ? '_' : small) == b;
  };
  const auto found =
      std::find_if(kPresets.begin(), kPresets.end(), [&](const RedactionPreset& preset) {
        return std::equal(name.begin(), name.end(), preset.name.begin(), preset.name.end(), same);
      });
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

RedactionSet resolve(const RedactionPreset& preset) {
  RedactionSet set;
  add(set, preset);
  return set;
}

}  // namespace ship
