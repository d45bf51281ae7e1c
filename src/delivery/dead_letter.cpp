#include "delivery/dead_letter.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

#include "base/utf8.hpp"
#include "record/field.hpp"
#include "record/json_text.hpp"
#include "record/timestamp.hpp"

namespace ship {
namespace {

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = utf8_sequence(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

/// RFC 4648, 4.
void append_base64(std::string& out, std::string_view bytes) {
  for (; !bytes.empty(); bytes.remove_prefix(std::min<std::size_t>(3, bytes.size()))) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      group = group << 8 | (i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0u);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      out += i <= bytes.size() ? kBase64[group >> (18 - 6 * i) & 63] : '=';
    }
  }
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return {};
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const std::size_t value = kBase64.find(c);
    if (value == std::string_view::npos) return {};
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count);
  }
  return bytes;
}

}  // namespace

void append_dead_letter(std::string& out, WallNanos at, const DeadLetter& letter) {
  out += "{\"at\":\"";
  std::array<char, kMaxRfc3339> time;
  out.append(time.data(), write_rfc3339(time.data(), at));
  out += "\",\"sink\":";
  if (letter.sink.empty()) {
    out += "null";
  } else {
    append_json_string(out, letter.sink);
  }
  if (letter.id) out += ",\"id\":\"" + record_id_text(letter.id) + '"';
  out += ",\"status\":" + std::to_string(letter.status) + ",\"reason\":";
  append_json_string(out, letter.reason);
  out += ",\"record\":";
  append_json_string(out, letter.record);
  if (!is_utf8(letter.record)) {
    out += ",\"record_base64\":\"";
    append_base64(out, letter.record);
    out += '"';
  }
  out += "}\n";
}

bool parse_dead_letter(std::string_view line, StoredDeadLetter& into) {
  enum : std::size_t { kAt, kSink, kId, kStatus, kReason, kRecord, kBytes };
  thread_local FieldFinder finder(
      {"at", "sink", "id", "status", "reason", "record", "record_base64"});
  const auto fields = finder.find(line);
  const auto is_text = [&](std::size_t i) { return fields[i].kind == JsonKind::string; };
  const bool whole = !line.empty() && line.back() == '}';
  if (!whole || !is_text(kAt) || !is_text(kRecord)) return false;
  const auto at = parse_time(fields[kAt].text);
  if (!at) return false;
  into.at = *at;
  into.sink = is_text(kSink) ? fields[kSink].text : std::string_view();
  into.id = is_text(kId) ? parse_record_id(fields[kId].text).value_or(RecordId{}) : RecordId{};
  into.reason = is_text(kReason) ? fields[kReason].text : std::string_view();
  const std::string_view status = fields[kStatus].raw;
  into.status = 0;
  std::from_chars(status.data(), status.data() + status.size(), into.status);
  into.record = fields[kRecord].text;
  if (!is_text(kBytes)) return true;
  auto bytes = from_base64(fields[kBytes].text);
  if (!bytes) return false;
  into.record = *std::move(bytes);
  return true;
}

}  // namespace ship
