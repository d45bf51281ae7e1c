#include "record/pretty_line.hpp"

#include <cstring>
#include <ctime>

#include "base/ascii.hpp"
#include "record/json_text.hpp"
#include "record/timestamp.hpp"

namespace ship {
namespace {

constexpr std::size_t kTimeSize = 19;
constexpr std::string_view kBar = " | ";
constexpr std::size_t kMaxLevelSize = 32;
constexpr std::string_view kIdPair = " message_id=";
constexpr std::string_view kContextLine = "\nContext:";
constexpr std::string_view kData = "data.";
constexpr std::string_view kDiagnostics = "diagnostics.";
constexpr std::string_view kException = "diagnostics.exception.";

bool is_key(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '.' ||
         c == '-';
}

/// Whether " key=", or the end of the text, is at `at`.
bool is_boundary(std::string_view text, std::size_t at) {
  if (at == text.size()) return true;
  if (text[at] != ' ') return false;
  std::size_t end = at + 1;
  while (end < text.size() && is_key(text[end])) ++end;
  return end > at + 1 && end < text.size() && text[end] == '=';
}

std::size_t next_boundary(std::string_view text, std::size_t from) {
  while (from < text.size() && !is_boundary(text, from)) ++from;
  return from;
}

/// Where the closing quote of a value is: the first one before a boundary. npos: none.
std::size_t closing_quote_from(std::string_view text, std::size_t at) {
  while ((at = text.find('\'', at)) != std::string_view::npos && !is_boundary(text, at + 1)) ++at;
  return at;
}

/// The size of a Python list or dictionary at the start of `text`; all of it if it does not end.
std::size_t literal_size(std::string_view text) {
  int depth = 0;
  char quote = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (quote != 0) {
      if (c == '\\') ++at;
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '[' || c == '{' || c == '(') {
      ++depth;
    } else if ((c == ']' || c == '}' || c == ')') && --depth == 0) {
      return at + 1;
    }
  }
  return text.size();
}

std::size_t value_size(std::string_view text) {
  if (text.empty()) return 0;
  if (text[0] == '\'') {
    const std::size_t quote = closing_quote_from(text, 1);
    return quote == std::string_view::npos ? text.size() : quote + 1;
  }
  // Each branch consumes what it looked at, so that all pairs together cost one pass.
  if (text[0] == '[' || text[0] == '{') return next_boundary(text, literal_size(text));
  return next_boundary(text, 0);
}

/// The sink quotes values with spaces and escapes nothing; other quotes are part of the value.
std::string_view without_single_quotes(std::string_view value) {
  if (value.size() < 3 || value.front() != '\'' || value.back() != '\'') return value;
  const std::string_view inner = value.substr(1, value.size() - 2);
  return inner.find(' ') == std::string_view::npos ? value : inner;
}

/// "2026-11-22 09:09:12" in the machine's own time zone, as the sink writes it.
std::optional<WallNanos> parse_local_time(std::string_view text) {
  const auto as_utc = parse_time(text);
  if (!as_utc) return std::nullopt;
  const std::time_t seconds = static_cast<std::time_t>(*as_utc / 1'000'000'000);
  std::tm fields{};
  ::gmtime_r(&seconds, &fields);
  fields.tm_isdst = -1;
  const std::time_t local = std::mktime(&fields);
  return local == -1 ? *as_utc : static_cast<WallNanos>(local) * 1'000'000'000;
}

char* put_member(char* out, std::string_view key, std::string_view value) {
  if (out[-1] != '{') *out++ = ',';
  *out++ = '"';
  out = write_json_text(out, key);
  out = write_text(out, "\":");
  if (value == "None") return write_text(out, "null");
  *out++ = '"';
  out = write_json_text(out, value);
  *out++ = '"';
  return out;
}

enum class Part { context, data, exception, diagnostics, logger };

Part part_of(std::string_view key) {
  if (key.starts_with(kData)) return Part::data;
  if (key.starts_with(kException)) return Part::exception;
  if (key.starts_with(kDiagnostics)) return Part::diagnostics;
  return key == "logger" ? Part::logger : Part::context;
}

std::size_t prefix_size(Part part) {
  switch (part) {
    case Part::data:
      return kData.size();
    case Part::exception:
      return kException.size();
    case Part::diagnostics:
      return kDiagnostics.size();
    case Part::context:
    case Part::logger:
      break;
  }
  return 0;
}

/// Writes the pairs that belong to `part`, in order.
char* put_part(char* out, std::string_view pairs, Part part) {
  while (const auto pair = next_pretty_pair(pairs)) {
    if (part_of(pair->key) != part) continue;
    out = put_member(out, pair->key.substr(prefix_size(part)), pair->value);
  }
  return out;
}

/// Whether the last value has an unclosed quote.
bool has_open_quote(std::string_view pairs) {
  while (true) {
    const std::size_t equals = pairs.find('=');
    if (equals == std::string_view::npos) return false;
    const std::string_view value = pairs.substr(equals + 1);
    if (value.starts_with("'") && closing_quote_from(value, 1) == std::string_view::npos)
      return true;
    if (!next_pretty_pair(pairs)) return false;
  }
}

/// Whether a line inside a quoted value ends it.
bool closes_quote(std::string_view line) {
  const std::size_t quote = closing_quote_from(line, 0);
  // At the very end it may also be the last character of a message that continues.
  if (quote == std::string_view::npos || quote + 1 == line.size()) return line == "'";
  return !has_open_quote(line.substr(quote + 2));
}

bool has_key(std::string_view pairs, std::string_view key) {
  while (const auto pair = next_pretty_pair(pairs)) {
    if (pair->key == key) return true;
  }
  return false;
}

std::string_view logger_of(std::string_view pairs) {
  while (const auto pair = next_pretty_pair(pairs)) {
    if (pair->key == "logger") return pair->value;
  }
  return "fapilog-ship";
}

}  // namespace

bool is_pretty_head(std::string_view line) {
  if (line.size() < kTimeSize + 2 * kBar.size() + 1 || !is_digit(line[0]) || line[4] != '-' ||
      line[7] != '-' || line[13] != ':' || line.substr(kTimeSize, kBar.size()) != kBar) {
    return false;
  }
  const std::string_view rest = line.substr(kTimeSize + kBar.size());
  const std::size_t bar = rest.find(kBar);
  return rest[0] != ' ' && bar != std::string_view::npos && bar <= kMaxLevelSize;
}

void PrettyExtent::begin(std::string_view head) {
  in_pairs_ = false;
  open_ = true;
  add(head);
}

void PrettyExtent::add(std::string_view line) {
  if (!in_pairs_) {
    const std::size_t id = line.find(kIdPair);
    in_pairs_ = id != std::string_view::npos;
    open_ = !in_pairs_ || has_open_quote(line.substr(id + 1));
  } else if (open_) {
    open_ = !closes_quote(line);
  } else {
    // A quoted value whose line ended as a value would.
    open_ = line.starts_with("'") && !closes_quote(line);
  }
}

std::optional<PrettyPair> next_pretty_pair(std::string_view& pairs) {
  const std::size_t equals = pairs.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  const std::string_view rest = pairs.substr(equals + 1);
  const std::size_t size = value_size(rest);
  PrettyPair pair{pairs.substr(0, equals), without_single_quotes(rest.substr(0, size))};
  pairs = rest.substr(std::min(size + 1, rest.size()));
  return pair;
}

std::optional<PrettyLine> parse_pretty(std::string_view text) {
  if (!is_pretty_head(text)) return std::nullopt;
  const auto time = parse_local_time(text.substr(0, kTimeSize));
  if (!time) return std::nullopt;
  PrettyLine line;
  line.time = *time;
  std::string_view rest = text.substr(kTimeSize + kBar.size());
  const std::size_t bar = rest.find(kBar);
  line.level_name = rest.substr(0, rest.substr(0, bar).find_last_not_of(' ') + 1);
  line.level = parse_level(line.level_name).value_or(Level{LevelName::other, 20});
  rest = rest.substr(bar + kBar.size());

  const std::size_t id = rest.find(kIdPair);
  line.message = rest.substr(0, id);
  if (id == std::string_view::npos) return line;
  line.pairs = rest.substr(id + 1);
  if (line.message.ends_with(kContextLine)) {
    line.message.remove_suffix(kContextLine.size());
    const std::size_t stack = line.message.find("\nTraceback (");
    if (stack != std::string_view::npos) {
      line.stack = line.message.substr(stack + 1);
      line.message = line.message.substr(0, stack);
    }
  }
  return line;
}

std::size_t max_pretty_size(std::size_t text_bytes) {
  return 512 + text_bytes * kMaxJsonBytesPerByte;
}

Record write_pretty(char* out, const PrettyLine& line, Stream stream, std::string_view message_id) {
  char* p = write_text(out, R"({"log":{"context":{)");
  p = put_part(p, line.pairs, Part::context);
  if (!has_key(line.pairs, "message_id")) p = put_member(p, "message_id", message_id);
  p = write_text(p, R"(},"data":{)");
  p = put_part(p, line.pairs, Part::data);
  p = write_text(p, R"(},"diagnostics":{)");
  char* const exception = p;
  p = write_text(p, R"("exception":{)");
  char* const members = p;
  if (!line.stack.empty()) p = put_member(p, "error.stack", line.stack);
  p = put_part(p, line.pairs, Part::exception);
  p = p == members ? exception : write_text(p, "}");
  p = put_part(p, line.pairs, Part::diagnostics);
  if (!has_key(line.pairs, "diagnostics.origin")) p = put_member(p, "origin", "native");
  p = put_member(p, "stream", stream == Stream::standard_output ? "stdout" : "stderr");
  p = write_text(p, R"(},"level":")");

  Record record;
  record.level_at = static_cast<std::uint32_t>(p - out);
  p = write_json_text(p, line.level_name);
  record.level_size = static_cast<std::uint8_t>(p - out - record.level_at);
  p = write_text(p, R"(","logger":")");
  p = write_json_text(p, logger_of(line.pairs));
  p = write_text(p, R"(","message":")");
  p = write_json_text(p, line.message);
  p = write_text(p, R"(","timestamp":")");
  p = write_rfc3339(p, line.time, 3);
  p = write_text(p, R"("},"schema_version":"1.1"})");
  record.line = {out, static_cast<std::size_t>(p - out)};
  record.time = line.time;
  record.level = line.level;
  return record;
}

}  // namespace ship
