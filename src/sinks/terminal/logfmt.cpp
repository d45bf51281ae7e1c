#include "sinks/terminal/logfmt.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "record/json_walk.hpp"
#include "record/known_places.hpp"
#include "record/timestamp.hpp"
#include "sinks/terminal/terminal_text.hpp"

namespace ship {
namespace {

/// Deeper objects are shown as JSON.
constexpr int kMaxLogfmtDepth = 16;

bool breaks_a_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= ' ' || c == '=' || c == '"' || byte == 0x7f;
}

void append_key(std::string_view key, std::string& out) {
  if (key.empty()) out.push_back('_');
  std::string word(key);
  std::replace_if(word.begin(), word.end(), breaks_a_word, '_');
  append_harmless(word, out);
}

void append_value(std::string_view text, std::string& out) {
  std::string harmless;
  append_visible_json(text, harmless);
  const bool plain =
      !text.empty() && harmless == text && std::none_of(text.begin(), text.end(), breaks_a_word);
  if (!plain) out.push_back('"');
  out.append(harmless);
  if (!plain) out.push_back('"');
}

/// Writes the fields of one record as pairs.
class Writer {
 public:
  Writer(const Record& record, std::string& out, std::span<const std::string> message_fields)
      : record_(record),
        out_(out),
        places_(record.line, message_fields),
        message_(places_.message()) {}

  void write() {
    // All digits that the record's time has.
    const unsigned digits = record_.time % 1'000'000 == 0 ? 3 : record_.time % 1000 == 0 ? 6 : 9;
    out_.append("time=").append(format_rfc3339(record_.time, digits));
    out_.append(" level=");
    append_value(record_.level_name(), out_);
    if (message_.found()) pair("msg", message_.value);
    for (JsonWalk root(record_.line); root.next();) {
      if (root.key() == "log" && root.value().is_object()) {
        for (JsonWalk log(root.value()); log.next();) {
          field(std::string(log.key()), "log." + std::string(log.key()), log.value(), 0);
        }
      } else {
        field(std::string(root.key()), std::string(root.key()), root.value(), 0);
      }
    }
    out_.push_back('\n');
  }

 private:
  /// `path` has the keys from the root; `key` leaves out the envelope's "log".
  void field(const std::string& key, const std::string& path, const JsonValue& value, int depth) {
    // What `time`, `level` and `msg` already say.
    if (message_.is(value) || places_.says_level(path, value, record_.level) ||
        places_.says_time(path, value, record_.time)) {
      return;
    }
    if (value.is_object() && depth < kMaxLogfmtDepth) {
      bool any = false;
      for (JsonWalk walk(value); walk.next(); any = true) {
        const std::string inner = "." + std::string(walk.key());
        field(key + inner, path + inner, walk.value(), depth + 1);
      }
      if (any) return;
    }
    pair(key, value);
  }

  void pair(std::string_view key, const JsonValue& value) {
    out_.push_back(' ');
    append_key(key, out_);
    out_.push_back('=');
    if (value.is_text()) {
      append_value(value.text(), out_);
    } else {
      append_value(value.raw, out_);
    }
  }

  const Record& record_;
  std::string& out_;
  KnownPlaces places_;
  KnownPlaces::Place message_;
};

}  // namespace

void append_logfmt(const Record& record, std::string& out,
                   std::span<const std::string> message_fields) {
  Writer(record, out, message_fields).write();
}

}  // namespace ship
