#include "input/enveloped_line.hpp"

#include <algorithm>
#include <charconv>

#include "base/hash.hpp"
#include "record/timestamp.hpp"

namespace ship {
namespace {

/// Removes the word before the next space from the front; the last word ends with the line.
std::string_view take_word(std::string_view& line) {
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(word.size() + 1, line.size()));
  return word;
}

std::optional<unsigned> byte_of(const JsonValue& value) {
  if (value.kind() != JsonKind::number) return std::nullopt;
  unsigned byte = 0;
  const char* const end = value.raw.data() + value.raw.size();
  const auto [stop, error] = std::from_chars(value.raw.data(), end, byte);
  if (error != std::errc{} || stop != end || byte > 0xFF) return std::nullopt;
  return byte;
}

/// The members of a container's log line and of the journal's entries that identify them.
struct Members {
  std::optional<JsonValue> log, message;
  std::string_view stream;
  bool has_docker_time = false;
  bool is_journal = false;
  bool goes_on = false;  ///< journald split the line because of its length
  std::uint64_t writer = 0;

  explicit Members(std::string_view line) {
    for (JsonWalk walk(line); walk.next();) {
      const std::string_view key = walk.key();
      const JsonValue& value = walk.value();
      if (key == "log") log = value;
      if (key == "stream") stream = value.raw;
      if (key == "time") has_docker_time = value.is_text();
      if (key == "MESSAGE") message = value;
      if (key == "__REALTIME_TIMESTAMP" || key == "__CURSOR") is_journal = true;
      if (key == "_LINE_BREAK") goes_on = value.raw == "\"line-max\"";
      if (key == "_BOOT_ID" || key == "_PID" || key == "_STREAM_ID" || key == "SYSLOG_IDENTIFIER") {
        writer = hash_bytes(value.raw, writer ^ hash_bytes(key, 0));
      }
    }
  }
  bool names_stream() const { return stream == "\"stdout\"" || stream == "\"stderr\""; }
};

}  // namespace

std::optional<EnvelopedLine> Unwrapper::text(std::string_view line) const {
  if (line.size() < 20 || line[0] < '0' || line[0] > '9' || line[10] != 'T') return std::nullopt;
  const std::string_view time_text = take_word(line);
  const std::string_view stream = take_word(line);
  if (stream != "stdout" && stream != "stderr") return std::nullopt;
  // More tags may follow after a colon.
  const std::string_view tag = take_word(line);
  if (tag.empty() || (tag[0] != 'P' && tag[0] != 'F') || (tag.size() > 1 && tag[1] != ':')) {
    return std::nullopt;
  }
  EnvelopedLine cri;
  cri.around.time = parse_time(time_text);
  if (!cri.around.time) return std::nullopt;
  cri.source.stream = stream == "stderr" ? Stream::standard_error : Stream::standard_output;
  cri.partial = tag[0] == 'P';
  cri.text = line;
  return cri;
}

std::optional<EnvelopedLine> Unwrapper::object(std::string_view line, const Finding& finding) {
  if (!unwraps_objects()) return std::nullopt;
  const Members members(line);
  const bool any = what_ == Unwrap::automatic;
  const bool docker =
      members.log && members.log->is_text() &&
      (what_ == Unwrap::docker || (any && members.names_stream() && members.has_docker_time));
  const bool journal =
      members.message && (what_ == Unwrap::journald || (any && members.is_journal));
  EnvelopedLine found;
  text_.clear();
  if (docker) {
    take_text(*members.log);
    found.partial = !text_.ends_with('\n');
    if (members.stream == "\"stderr\"") found.source.stream = Stream::standard_error;
  } else if (journal && take_text(*members.message)) {
    found.partial = members.goes_on;
    found.source.writer = members.writer;
  } else {
    return std::nullopt;
  }
  while (!text_.empty() && (text_.back() == '\n' || text_.back() == '\r')) text_.pop_back();
  found.text = text_;
  if (finding.has_time) found.around.time = finding.time;
  if (finding.has_level) found.around.level = finding.level;
  return found;
}

bool Unwrapper::take_text(const JsonValue& value) {
  if (value.is_text()) {
    value.append_text(text_);
    return true;
  }
  if (value.kind() != JsonKind::array) return false;
  bool any = false;
  for (JsonWalk walk(value); walk.next(); any = true) {
    if (const auto byte = byte_of(walk.value())) {
      text_.push_back(static_cast<char>(*byte));
    } else {
      if (any) text_.push_back('\n');
      if (!take_text(walk.value())) return false;
    }
  }
  return any;
}

bool LineParts::add(const EnvelopedLine& part, std::uint64_t part_at, Fault part_fault) {
  if (!waits) {
    waits = true;
    text.clear();
    around = part.around;
    source = part.source;
    at = part_at;
    fault = part_fault;
  }
  text.append(part.text);
  return !part.partial;
}

}  // namespace ship
