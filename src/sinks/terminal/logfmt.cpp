#include "sinks/terminal/logfmt.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "record/json_text.hpp"
#include "record/json_walk.hpp"
#include "record/timestamp.hpp"

namespace ship {
namespace {

/// Deeper objects are shown as JSON.
constexpr int kMaxDepth = 16;

bool breaks_a_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= ' ' || c == '=' || c == '"' || byte == 0x7f;
}

void append_key(std::string_view key, std::string& out) {
  if (key.empty()) out.push_back('_');
  for (const char c : key) out.push_back(breaks_a_word(c) ? '_' : c);
}

void append_value(std::string_view text, std::string& out) {
  const bool plain = !text.empty() && std::none_of(text.begin(), text.end(), [](char c) {
    return breaks_a_word(c) || c == '\\';
  });
  if (plain) {
    out.append(text);
  } else {
    append_json_string(out, text);
  }
}

/// Writes the fields of one record as pairs.
class Writer {
 public:
  Writer(const Record& record, std::string& out) : record_(record), out_(out) {}

  void write() {
    find_message();
    // All digits that the record has.
    const unsigned digits = record_.time % 1'000'000 == 0 ? 3 : record_.time % 1000 == 0 ? 6 : 9;
    out_.append("time=").append(format_rfc3339(record_.time, digits));
    out_.append(" level=");
    append_value(record_.level_name(), out_);
    if (!message_.raw.empty()) pair("msg", message_);
    for (JsonWalk root(record_.line); root.next();) {
      if (root.key() == "log" && root.value().is_object()) {
        for (JsonWalk log(root.value()); log.next();) member(log.key(), log.value());
      } else {
        member(root.key(), root.value());
      }
    }
    out_.push_back('\n');
  }

 private:
  void find_message() {
    static constexpr std::array<std::string_view, 4> kKeys = {"message", "msg", "event", "@m"};
    std::size_t best = kKeys.size();
    const auto look = [&](const JsonWalk& walk) {
      const auto rank = static_cast<std::size_t>(std::find(kKeys.begin(), kKeys.end(), walk.key()) -
                                                 kKeys.begin());
      if (rank >= best || !walk.value().is_text()) return;
      best = rank;
      message_ = walk.value();
    };
    for (JsonWalk root(record_.line); root.next();) {
      look(root);
      if (root.key() != "log" || !root.value().is_object()) continue;
      for (JsonWalk log(root.value()); log.next();) look(log);
    }
  }

  void member(std::string_view key, const JsonValue& value) {
    if (value.raw.data() == message_.raw.data() || is_level_or_time(key, value)) return;
    field(std::string(key), value, 0);
  }

  /// Whether this member is what `time` and `level` already say.
  bool is_level_or_time(std::string_view key, const JsonValue& value) const {
    if (record_.level_size > 0 &&
        value.raw.data() + (value.is_text() ? 1 : 0) == record_.line.data() + record_.level_at) {
      return true;
    }
    if (key != "timestamp" && key != "time" && key != "ts" && key != "@timestamp" && key != "@t") {
      return false;
    }
    const auto time = value.is_text() ? parse_time(value.text()) : parse_epoch(value.raw);
    constexpr WallNanos kMillisecond = 1'000'000;
    return time && *time / kMillisecond == record_.time / kMillisecond;
  }

  void field(std::string key, const JsonValue& value, int depth) {
    if (value.is_object() && depth < kMaxDepth) {
      bool any = false;
      for (JsonWalk walk(value); walk.next(); any = true) {
        field(key + "." + std::string(walk.key()), walk.value(), depth + 1);
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
  JsonValue message_;
};

}  // namespace

void append_logfmt(const Record& record, std::string& out) { Writer(record, out).write(); }

}  // namespace ship
