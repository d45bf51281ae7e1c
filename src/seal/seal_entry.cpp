#include "seal/seal_entry.hpp"

#include <charconv>

#include "net/digest.hpp"
#include "record/json_text.hpp"
#include "record/json_walk.hpp"

namespace ship {
namespace {

constexpr std::string_view kSealVersion = "1";
constexpr std::string_view kSignature = ",\"signature\":\"";

/// Writes members one after the other.
class LineWriter {
 public:
  explicit LineWriter(std::string_view entry, std::size_t room = 0) {
    constexpr std::size_t kOthers = 1024;
    text_.reserve(room + kOthers);
    text_ = R"({"entry":")";
    text_ += entry;
    text_ += '"';
  }
  void number(std::string_view key, std::uint64_t value) {
    begin(key);
    text_ += std::to_string(value);
  }
  void text(std::string_view key, std::string_view value) {
    begin(key);
    append_json_string(text_, value);
  }
  /// Writes a text with nothing to escape.
  void digits(std::string_view key, std::string_view value) {
    begin(key);
    text_ += '"';
    text_ += value;
    text_ += '"';
  }
  void losses(const SealLosses& lost) {
    if (lost.empty()) return;
    begin("lost");
    text_ += '{';
    for (const auto& [reason, count] : lost) {
      if (text_.back() != '{') text_ += ',';
      append_json_string(text_, reason);
      text_ += ':' + std::to_string(count);
    }
    text_ += '}';
  }
  std::string finish(const Ed25519Key* key) {
    if (key != nullptr) {
      text("key", key->id());
      const std::string signature = key->sign(text_);
      text_ += kSignature;
      text_ += signature;
      text_ += '"';
    }
    text_ += '}';
    return std::move(text_);
  }

 private:
  void begin(std::string_view key) {
    text_ += ",\"";
    text_ += key;
    text_ += "\":";
  }
  std::string text_;
};

bool read_number(const JsonValue& value, std::uint64_t& into) {
  const char* const end = value.raw.data() + value.raw.size();
  const auto [read, error] = std::from_chars(value.raw.data(), end, into);
  return error == std::errc{} && read == end;
}

bool read_losses(const JsonValue& value, SealLosses& into) {
  for (JsonWalk walk(value); walk.next();) {
    std::uint64_t count = 0;
    if (!read_number(walk.value(), count)) return false;
    into.emplace_back(std::string(walk.key()), count);
  }
  return value.is_object();
}

struct NumberMember {
  std::string_view key;
  std::uint64_t SealEntry::*member;
};
constexpr NumberMember kNumberMembers[] = {
    {"file", &SealEntry::file},       {"record", &SealEntry::record},
    {"records", &SealEntry::records}, {"offset", &SealEntry::offset},
    {"bytes", &SealEntry::bytes},     {"waiting", &SealEntry::waiting},
    {"spooled", &SealEntry::spooled}};

struct TextMember {
  std::string_view key;
  std::string SealEntry::*member;
};
constexpr TextMember kTextMembers[] = {
    {"chain", &SealEntry::chain},   {"name", &SealEntry::name},
    {"sha256", &SealEntry::sha256}, {"lines", &SealEntry::lines},
    {"from", &SealEntry::from},     {"to", &SealEntry::to},
    {"found", &SealEntry::found},   {"reason", &SealEntry::reason},
    {"before", &SealEntry::before}, {"prev", &SealEntry::prev},
    {"key", &SealEntry::key},       {"signature", &SealEntry::signature}};

bool read_member(std::string_view key, const JsonValue& value, SealEntry& entry) {
  for (const NumberMember& number : kNumberMembers) {
    if (number.key == key) return read_number(value, entry.*number.member);
  }
  for (const TextMember& text : kTextMembers) {
    if (text.key != key) continue;
    entry.*text.member = value.text();
    return value.is_text();
  }
  if (key == "lost") return read_losses(value, entry.lost);
  if (key == "version") return value.raw == kSealVersion;
  if (key != "entry") return false;
  const std::string kind = value.text();
  if (kind == "open") entry.kind = SealEntry::Kind::open;
  if (kind == "manifest") entry.kind = SealEntry::Kind::manifest;
  return kind == "open" || kind == "block" || kind == "manifest";
}

/// The line without the key and the signature.
LineWriter unsigned_line(const SealEntry& entry) {
  switch (entry.kind) {
    case SealEntry::Kind::open: {
      LineWriter line("open");
      line.number("version", 1);
      line.text("chain", entry.chain);
      line.number("file", entry.file);
      line.text("name", entry.name);
      line.number("record", entry.record);
      line.number("offset", entry.offset);
      line.text("from", entry.from);
      line.text("prev", entry.prev);
      return line;
    }
    case SealEntry::Kind::block: {
      LineWriter line("block", entry.lines.size());
      line.number("record", entry.record);
      line.number("records", entry.records);
      line.number("offset", entry.offset);
      line.number("bytes", entry.bytes);
      line.digits("sha256", entry.sha256);
      line.digits("lines", entry.lines);
      line.text("from", entry.from);
      line.text("to", entry.to);
      if (!entry.found.empty()) line.text("found", entry.found);
      line.losses(entry.lost);
      line.text("prev", entry.prev);
      return line;
    }
    case SealEntry::Kind::manifest:
      break;
  }
  LineWriter line("manifest");
  line.text("reason", entry.reason);
  line.number("file", entry.file);
  line.number("record", entry.record);
  line.number("records", entry.records);
  line.number("bytes", entry.bytes);
  line.text("from", entry.from);
  line.text("to", entry.to);
  line.losses(entry.lost);
  line.number("waiting", entry.waiting);
  line.number("spooled", entry.spooled);
  line.text("before", entry.before);
  line.text("prev", entry.prev);
  return line;
}

/// Whether the line is exactly what would be written for the entry: readers may interpret other
/// texts with the same meaning differently.
bool is_as_written(std::string_view line, const SealEntry& entry) {
  LineWriter written = unsigned_line(entry);
  if (entry.key.empty()) return entry.signature.empty() && written.finish(nullptr) == line;
  written.text("key", entry.key);
  std::string text = written.finish(nullptr);
  text.pop_back();
  text += kSignature;
  text += entry.signature;
  text += "\"}";
  return text == line;
}

}  // namespace

std::string seal_line(const SealEntry& entry, const Ed25519Key* key) {
  return unsigned_line(entry).finish(key);
}

Result<SealEntry> parse_seal_line(std::string_view line) {
  SealEntry entry;
  bool good = line.starts_with(R"({"entry":")") && line.ends_with('}');
  for (JsonWalk walk(line); good && walk.next();) {
    good = read_member(walk.key(), walk.value(), entry);
  }
  if (good && is_as_written(line, entry)) return entry;
  return Error{ErrorKind::corrupt, "this is not a line that a shipper writes into a seal"};
}

std::string_view signed_part(std::string_view line) {
  return line.substr(0, line.rfind(kSignature));
}

std::string seal_line_hash(std::string_view line) { return hex_text(sha256({line})); }

const std::string& no_seal_hash() {
  static const std::string kNone(64, '0');
  return kNone;
}

std::string seal_path(std::string_view path) {
  for (const std::string_view suffix : {".gz", ".zst"}) {
    if (path.ends_with(suffix)) path.remove_suffix(suffix.size());
  }
  return std::string(path) + std::string(kSealEnding);
}

}  // namespace ship
