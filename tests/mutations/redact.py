"""Bugs in the redactor's code and data that its tests must notice. See run.py."""

TARGET = "redact_tests"

R = "src/stage/redact/"
MODEL = "redact model*"
EVERY_IBAN = "redact registries: every country's IBAN is found wherever it stands"
EVERY_CARD = "redact R4: a card of every issuer's range is found wherever it stands"
RANGE_ENDS = "redact R4: each range ends where its row says"
EVERY_FORMAT = "redact registries: every format of credentials is found wherever it stands"
NAMES = "redact R5*"
PARTIAL = "redact R1*"
HASH = "redact: hash gives*"
MASKS = "redact: what only looks like a mask or a token is a secret"
MANY = "redact R6*"
LONG = "redact: a secret longer than any window goes as a whole"
SETS = "redact sets*"
MAILS = "redact R3*"
LOOKALIKES = "redact: of the corpus of look-alikes*"
DISTANCE = "redact: a secret is found at every distance*"
TEXT = "redact text*"
ESCAPES = "redact: escapes of*"
RULES = "redact: each rule counts*"

MUTATIONS = [
    # Data
    (R + "iban_registry.cpp", '{"SK", 24,', '{"SK", 23,', EVERY_IBAN),
    (R + "iban_registry.cpp", '{"MU", 30,', '{"MU", 31,', EVERY_IBAN),
    (R + "card_registry.cpp", '{"Mir", 2200, 2204,', '{"Mir", 2201, 2204,', EVERY_CARD),
    (R + "card_registry.cpp", '{"Troy", 9792, 9792, sizes(16)', '{"Troy", 9792, 9792, sizes(15)', EVERY_CARD),
    (R + "card_registry.cpp", '{"Mastercard", 2221, 2720, sizes(16)', '{"Mastercard", 2221, 2270, sizes(16)', SETS),
    (R + "card_registry.cpp", "range->first <= value && value <= range->last", "range->first <= value && value < range->last", RANGE_ENDS),
    (R + "card_registry.cpp", "if ((range->sizes >> digits.size() & 1) == 0) return false;", "", RANGE_ENDS),
    (R + "credential_formats.cpp", "gh[pousr]_", "gh[ousr]_", EVERY_FORMAT),
    (R + "credential_formats.cpp", "npm_[A-Za-z0-9]{36}", "npm_[A-Za-z0-9]{37}", EVERY_FORMAT),
    (R + "credential_formats.cpp", "shp(?:at|ca|pa|ss)_", "shp(?:ca|pa|ss)_", EVERY_FORMAT),
    (R + "credential_formats.cpp", "find_telegram_token,", "find_dotted_token,", "redact registries: of a bot*"),
    (R + "secret_names.cpp", '    tail("passcode"),\n', "", NAMES),
    (R + "secret_names.cpp", '    word("pass"),\n', "", NAMES),
    (R + "secret_names.cpp", 'if (name.plural) regex += "s?";', "", NAMES),
    (R + "secret_names.cpp", 'if (name.plural) add(name, "s");', "", NAMES),
    (R + "secret_names.cpp", "field.last_word = name.where == Where::word;", "", NAMES),
    (R + "redaction_presets.cpp", "household_id inferred_preferences purchase_history\",\n        \"contact_info", "inferred_preferences purchase_history\",\n        \"contact_info", SETS),
    (R + "redaction_presets.cpp", '"", "", "gdpr_pii uk_government_ids"', '"", "", "gdpr_pii"', SETS),
    (R + "redaction_presets.cpp", "body request_body response_body", "request_body response_body", SETS),
    # Finders
    (R + "secret_account.cpp", "return rest == 1;", "return rest != 0;", EVERY_IBAN),
    (R + "secret_account.cpp", "is_issued_card(number) && passes_luhn(number)", "is_issued_card(number)", EVERY_CARD),
    (R + "secret_account.cpp", "country != nullptr ? iban_end(text, begin, country->size, false)", "country != nullptr ? iban_end(text, begin, country->size, true)", EVERY_IBAN),
    (R + "secret_account.cpp", ": unknown_iban_end(text, begin);", ": std::string_view::npos;", "redact R2*"),
    (R + "secret_account.cpp", "last = row.last; last > Row::kOwn;", "last = row.last; last == row.last;", "redact: a card with other numbers beside it is found"),
    (R + "secret_contact.cpp", "return numbers < 2;", "return numbers < 1;", MAILS),
    (R + "secret_contact.cpp", '"scope"}', '"so"}', MAILS),
    (R + "secret_contact.cpp", '!top.starts_with("xn--") && ', "", MAILS),
    (R + "secret_token.cpp", "while (extent.end < text.size() && belongs(text[extent.end])) ++extent.end;", "while (extent.end < text.size() && extent.end < hit_end + 16384 && belongs(text[extent.end])) ++extent.end;", LONG),
    (R + "placeholder.cpp", "value.size() <= 3 + kLongestEnd ||", "true ||", MASKS),
    (R + "placeholder.cpp", "return last == '>' && holds_name(1, 1);", "return last == '>';", MASKS),
    (R + "secret_number.cpp", 'for (const std::string_view never : {"BG", "GB",', 'for (const std::string_view never : {"BG",', "redact: UK numbers"),
    (R + "secret_catalog.cpp", 'add("email", "@", find_email,', R"""add("email", R"([A-Za-z0-9._%+'\x80-\xff-]@[A-Za-z0-9\x80-\xff])", find_email,""", DISTANCE),
    (R + "secret_assignment.cpp", "run % (2 * slashes + 2) == slashes", "true", TEXT),
    (R + "secret_assignment.cpp", "if (text.substr(end, 2) != \"</\") return value;", "", TEXT),
    (R + "secret_assignment.cpp", "end = bracket_end(text, begin);", "++end;", TEXT),
    # Actions
    (R + "mask.cpp", "std::min(kShownCharacters, characters / kShownShare)", "kShownCharacters", PARTIAL),
    (R + "mask.cpp", "constexpr std::size_t kShownCharacters = 4;", "constexpr std::size_t kShownCharacters = 5;", "redact: a partial mask shows the end of what is long enough"),
    (R + "mask.cpp", "if (shown == Shown::nothing) return;", "", PARTIAL),
    (R + "mask.cpp", "const std::string text = canonical(secret);", "const std::string text(secret);", HASH),
    (R + "mask.cpp", "std::all_of(text.begin() + kHashPrefix.size(), text.end(), is_hex)", "true", MASKS),
    (R + "secret_finder.cpp", "joined.shown = std::min(joined.shown, next.shown);", "", "redact: secrets that overlap*"),
    (R + "secret_finder.cpp", "joined.end = std::max(joined.end, next.end);", "", MODEL),
    (R + "redaction_plan.cpp", "meaning.shown = names_secret(path) ? Shown::nothing : Shown::email_domain;", "meaning.shown = Shown::email_domain;", PARTIAL),
    # The walk
    (R + "redactor.cpp", "every_string_ = fields_ = users_ = true;", "every_string_ = true;", MANY),
    (R + "redactor.cpp", "hits_[i].first_end <= end; ++i", "hits_[i].first_end < end; ++i", MODEL),
    (R + "redactor.cpp", "return !std::exchange(too_deep_, outer_too_deep) && ended;", "std::exchange(too_deep_, outer_too_deep);\n  return ended;", "redact: JSON text deeper than can be walked is looked at as text"),
    (R + "redactor.cpp", "layer = depth; layer > 0; --layer", "layer = depth; layer > 1; --layer", MODEL),
    (R + "redactor.cpp", "if (!escaped || depth == kMaxLayers) return true;", "if (!escaped || depth == 1) return true;", ESCAPES),
    (R + "secret_finder.cpp", "if (reading_.depth() == layers || !reading_.next()) break;", "break;", ESCAPES),
    (R + "secret_finder.cpp", "if (joined.depth > 0) {", "if (joined.depth > 3) {", "redact: a secret written with escapes*"),
    (R + "text_reading.cpp", "return origins_[at];", "return at;", ESCAPES),
    (R + "redactor.cpp", "if ((kind == JsonKind::boolean || kind == JsonKind::null) && meaning.bundled) return;", "", LOOKALIKES),
    (R + "redactor.cpp", "note(secret.rule, where);", "", RULES),
    (R + "redactor.cpp", "if (std::exchange(pair.known, true)) return pair.meaning;", "return nullptr;", "redact: a name that stands beside its value*"),
]
