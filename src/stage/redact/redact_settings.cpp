#include "stage/redact/redact_settings.hpp"

#include "rows/member.hpp"

namespace ship {
namespace {

constexpr std::pair<std::string_view, RedactAction> kActions[] = {
    {"mask", RedactAction::mask},
    {"partial", RedactAction::partial},
    {"hash", RedactAction::hash},
    {"remove", RedactAction::remove}};

// clang-format off
constexpr auto kRows = section({.group = "Redaction"}, {
    {.key = "redact.presets", .flag = "redact", .metavar = "LIST",
     .sets = member<&RedactSettings::presets>(), .example = "credentials,pii",
     .help = "redact secrets, by field name and anywhere in a text: credentials, pii, pci, hipaa, "
             "gdpr, gdpr_uk, ccpa, contact, financial, field_blocker, fapilog's names such as "
             "GDPR_PII, or single patterns such as jwt or email; may be repeated", .repeatable = true},
    {.key = "redact.fields", .flag = "redact-field", .metavar = "LIST",
     .sets = member<&RedactSettings::fields>(), .example = "*_token,data.user.email",
     .help = "redact these fields: a name at any depth, a path with dots, * and **; may be repeated",
     .repeatable = true},
    {.key = "redact.action", .flag = "redact-action", .metavar = "ACTION",
     .sets = member<&RedactSettings::action>(kActions), .default_text = "mask",
     .help = "what replaces a secret"},
    {.key = "redact.mask", .flag = "redact-mask", .metavar = "TEXT",
     .sets = member<&RedactSettings::mask>(), .default_text = "***",
     .help = "the text that replaces it"},
    {.key = "redact.hash_key", .flag = "redact-hash-key", .metavar = "KEY",
     .sets = member<&RedactSettings::hash_key>(), .example = "${REDACT_HASH_KEY}",
     .help = "the key for the action hash: equal secrets give equal texts everywhere"},
    {.key = "redact.hash_key_file", .flag = "redact-hash-key-file", .metavar = "FILE",
     .sets = from_file<&RedactSettings::hash_key>(), .example = "/run/secrets/redact",
     .help = "a file that holds that key"},
    {.key = "redact.on_error", .flag = "redact-on-error", .metavar = "WHAT",
     .sets = member<&RedactSettings::on_error>({{"drop", RedactSettings::OnError::drop}, {"pass", RedactSettings::OnError::pass}}),
     .default_text = "drop", .help = "what happens to a record that could not be redacted"},
    {.key = "redact.patterns", .flag = "redact-pattern", .metavar = "NAME=REGEX",
     .sets = member<&RedactSettings::patterns>(), .example = "order=ORD-[0-9]{6}",
     .help = "a pattern of your own, in the syntax of RE2 (no look-around, no back references); may be "
             "repeated",
     .repeatable = true},
    {.key = "redact.actions", .flag = "redact-action-for", .metavar = "NAME=ACTION",
     .sets = member<&RedactSettings::actions>(kActions), .example = "email=hash",
     .help = "a different action for one pattern or field; may be repeated", .repeatable = true},
});
// clang-format on

}  // namespace

std::span<const Setting> redact_rows() { return kRows; }

}  // namespace ship
