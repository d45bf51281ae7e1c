#include "sinks/loki/loki_refusal.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <optional>

#include "base/utf8.hpp"
#include "net/answer_text.hpp"
#include "record/timestamp.hpp"

namespace ship {
namespace {

constexpr auto kNowhere = std::string_view::npos;
constexpr WallNanos kSecond = 1'000'000'000;

/// Whether an entry matches the one that a message is about.
using Matches = std::function<bool(const LokiEntry&, const Record&)>;

std::optional<std::uint64_t> number_at(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return number;
}

/// Moves `text` past `prefix` if it starts with it.
bool skip(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// Reads a string literal as Go's strconv.Quote writes it, and moves `text` past it.
std::optional<std::string> take_quoted(std::string_view& text) {
  if (!skip(text, "\"")) return std::nullopt;
  std::string value;
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c == '"') return value;
    if (c != '\\') {
      value += c;
      continue;
    }
    if (text.empty()) return std::nullopt;
    const char kind = text.front();
    text.remove_prefix(1);
    constexpr std::string_view kLetters = "abfnrtv\\\"'";
    constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\\"'";
    if (const std::size_t letter = kLetters.find(kind); letter != kNowhere) {
      value += kMeanings[letter];
      continue;
    }
    const std::size_t digits = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
    std::uint32_t code = 0;
    if (digits == 0 || text.size() < digits) return std::nullopt;
    const auto [end, error] = std::from_chars(text.data(), text.data() + digits, code, 16);
    if (error != std::errc() || end != text.data() + digits) return std::nullopt;
    if (kind == 'x') {
      value += static_cast<char>(code);
    } else {
      if (code > 0x10FFFF) return std::nullopt;
      char text_of_code[4];
      value.append(text_of_code, write_utf8(text_of_code, code));
    }
    text.remove_prefix(digits);
  }
  return std::nullopt;
}

/// Reads {name="value", …} and moves `text` past it.
std::optional<Labels> take_labels(std::string_view& text) {
  Labels labels;
  if (!skip(text, "{")) return std::nullopt;
  while (!skip(text, "}")) {
    if (!labels.empty() && !skip(text, ",")) return std::nullopt;
    while (skip(text, " ")) {
    }
    const std::size_t equals = text.find_first_of("=,}{\"");
    if (equals == kNowhere || text[equals] != '=') return std::nullopt;
    std::string name(text.substr(0, equals));
    text.remove_prefix(equals + 1);
    std::optional<std::string> value = take_quoted(text);
    if (!value) return std::nullopt;
    labels.emplace_back(std::move(name), *std::move(value));
  }
  std::sort(labels.begin(), labels.end());
  return labels;
}

/// "2026-11-22 09:00:00.5 +0000 UTC", as Go prints a time.
std::optional<WallNanos> go_time(std::string_view text) {
  const std::size_t clock = text.find(' ');
  if (clock == kNowhere) return std::nullopt;
  const std::size_t zone = text.find(' ', clock + 1);
  if (zone == kNowhere) return std::nullopt;
  const std::size_t name = text.find(' ', zone + 1);
  return parse_time(std::string(text.substr(0, zone)) +
                    std::string(text.substr(zone + 1, name - zone - 1)));
}

std::size_t metadata_bytes(std::span<const LokiMetadata> pairs) {
  std::size_t bytes = 0;
  for (const LokiMetadata& pair : pairs) bytes += pair.name.size() + pair.value.size();
  return bytes;
}

class Reader {
 public:
  Reader(const LokiStreams& streams, std::span<const Record> records)
      : streams_(streams), records_(records), refused_(records.size(), false) {}

  void read(std::string_view body);

  LokiRefusals result() && {
    std::sort(result_.items.begin(), result_.items.end(),
              [](const auto& a, const auto& b) { return a.index < b.index; });
    const std::size_t left = streams_.records() - result_.items.size();
    result_.unnamed = static_cast<std::uint32_t>(std::min<std::size_t>(unnamed_, left));
    return std::move(result_);
  }

 private:
  /// The message around the labels of a stream: the part before them, and everything after.
  struct Message {
    std::string_view before;
    std::string_view after;
    std::uint64_t count = 1;
    std::string reason;
  };

  const LokiStream* find(const Labels& labels) const;
  void read_message(const Message& message, const LokiStream* stream);
  void read_ingester(const Message& message, const LokiStream* stream);
  bool read_distributor(const Message& message, const LokiStream* stream);
  void refuse(const LokiStream* stream, std::uint64_t count, bool newest_first,
              const std::string& reason, const Matches& matches);
  void refuse_all(const LokiStream* stream, const std::string& reason);

  const LokiStreams& streams_;
  const std::span<const Record> records_;
  std::vector<bool> refused_;
  std::uint64_t unnamed_ = 0;
  LokiRefusals result_;
};

const LokiStream* Reader::find(const Labels& labels) const {
  const auto added_by_server = [](const std::string& name) {
    return name == "service_name" || name.starts_with("__");
  };
  for (const std::uint32_t index : streams_.used()) {
    const LokiStream& stream = streams_.stream(index);
    auto ours = stream.labels.begin();
    const auto end = stream.labels.end();
    const bool same = std::all_of(labels.begin(), labels.end(), [&](const auto& label) {
      if (ours != end && *ours == label) return ++ours, true;
      return added_by_server(label.first);
    });
    if (same && ours == end) return &stream;
  }
  return nullptr;
}

void Reader::refuse(const LokiStream* stream, std::uint64_t count, bool newest_first,
                    const std::string& reason, const Matches& matches) {
  std::vector<std::uint32_t> found;
  if (stream) {
    for (const LokiEntry& entry : stream->entries) {
      if (!refused_[entry.record] && matches(entry, records_[entry.record])) {
        found.push_back(entry.record);
      }
    }
  }
  std::stable_sort(found.begin(), found.end(), [&](std::uint32_t a, std::uint32_t b) {
    return newest_first ? records_[a].time > records_[b].time : records_[a].time < records_[b].time;
  });
  if (found.size() > count) found.resize(count);
  for (const std::uint32_t record : found) {
    refused_[record] = true;
    Verdict::Item item;
    item.index = record;
    item.status = 400;
    item.reason = reason;
    result_.items.push_back(std::move(item));
  }
  unnamed_ += count - found.size();
}

void Reader::refuse_all(const LokiStream* stream, const std::string& reason) {
  const std::uint64_t count = stream ? stream->entries.size() : 1;
  refuse(stream, count, false, reason, [](const LokiEntry&, const Record&) { return true; });
}

bool Reader::read_distributor(const Message& message, const LokiStream* stream) {
  std::string_view after = message.after;
  const std::string_view before = message.before;
  const auto number_in_quotes = [&]() { return number_at(after).value_or(0); };
  const auto moment = [&] {
    return parse_time(after.substr(0, after.find_first_of(", ;\n"))).value_or(0) / kSecond;
  };

  if (before.ends_with("Error parsing labels '") ||
      (before.starts_with("missing required labels") && before.ends_with("for stream "))) {
    refuse_all(stream, message.reason);
    return true;
  }
  if (!before.ends_with("stream '")) return false;
  const bool old = skip(after, "' has timestamp too old: ");
  if (old || skip(after, "' has timestamp too new: ")) {
    refuse(stream, message.count, !old, message.reason,
           [second = moment()](const LokiEntry&, const Record& record) {
             return record.time / kSecond == second;
           });
  } else if (skip(after, "' while adding an entry with length '")) {
    refuse(stream, message.count, false, message.reason,
           [size = number_in_quotes()](const LokiEntry&, const Record& record) {
             return record.line.size() == size;
           });
  } else if (skip(after, "' has structured metadata too large: '")) {
    refuse(stream, message.count, false, message.reason,
           [this, size = number_in_quotes()](const LokiEntry& entry, const Record&) {
             return metadata_bytes(streams_.metadata(entry)) == size;
           });
  } else if (skip(after, "' has too many structured metadata labels: '")) {
    refuse(stream, message.count, false, message.reason,
           [size = number_in_quotes()](const LokiEntry& entry, const Record&) {
             return entry.metadata_count == size;
           });
  } else if (skip(after, "' includes structured metadata")) {
    refuse(stream, message.count, false, message.reason,
           [](const LokiEntry& entry, const Record&) { return entry.metadata_count != 0; });
  } else if (skip(after, "' has label name too long") ||
             skip(after, "' has label value too long") ||
             skip(after, "' has duplicate label name") ||
             (skip(after, "' has ") &&
              after.substr(0, 40).find(" label names; limit") != kNowhere)) {
    refuse_all(stream, message.reason);
  } else {
    return false;
  }
  return true;
}

/// "entry with timestamp T ignored, reason: 'R',\n" up to ten times, then "user 'U', total ignored:
/// N out of M for stream: {…}". Before Loki 2.4 the stream follows each entry.
void Reader::read_ingester(const Message& message, const LokiStream* stream) {
  constexpr std::string_view kEntry = "entry with timestamp ";
  constexpr std::string_view kReason = " ignored, reason: '";
  std::uint64_t named = 0;
  std::string reason;
  std::optional<WallNanos> oldest;
  std::string_view rest = message.before;
  for (std::size_t at = rest.find(kEntry); at != kNowhere; at = rest.find(kEntry)) {
    rest.remove_prefix(at + kEntry.size());
    const std::size_t end = rest.find(kReason);
    if (end == kNowhere) break;
    const std::optional<WallNanos> time = go_time(rest.substr(0, end));
    rest.remove_prefix(end + kReason.size());
    const std::string_view why = rest.substr(0, rest.find("',"));
    reason = "HTTP 400: " + one_line(why.substr(0, why.find("' for stream: ")), 200);
    if (const std::size_t is = why.find("timestamp is: "); is != kNowhere) {
      oldest = parse_time(why.substr(is + 14));
    }
    ++named;
    refuse(stream, 1, false, reason,
           [&](const LokiEntry&, const Record& record) { return time && record.time == *time; });
  }
  const std::size_t total_at = message.before.rfind("total ignored: ");
  if (total_at == kNowhere) return;
  const std::uint64_t total = number_at(message.before.substr(total_at + 15)).value_or(0);
  if (total <= named) return;
  if (!oldest) {
    unnamed_ += total - named;
    return;
  }
  // The server reports the limit in whole seconds.
  refuse(stream, total - named, false, reason,
         [&](const LokiEntry&, const Record& record) { return record.time < *oldest + kSecond; });
}

void Reader::read_message(const Message& message, const LokiStream* stream) {
  if (read_distributor(message, stream)) return;
  if (message.before.ends_with("for stream: ")) read_ingester(message, stream);
}

void Reader::read(std::string_view body) {
  constexpr std::string_view kLike = " errors like: ";
  std::size_t read = 0;
  for (std::size_t at = body.find('{'); at != kNowhere; at = body.find('{', at)) {
    std::string_view after = body.substr(at);
    const std::optional<Labels> labels = take_labels(after);
    if (!labels) {
      ++at;
      continue;
    }
    Message message;
    message.after = after;
    message.before = body.substr(read, at - read);
    const std::size_t like = message.before.rfind(kLike);
    if (like != kNowhere) {
      std::size_t digit = like;
      while (digit > 0 && message.before[digit - 1] >= '0' && message.before[digit - 1] <= '9') {
        --digit;
      }
      message.count = number_at(message.before.substr(digit)).value_or(1);
      message.before.remove_prefix(like + kLike.size());
    } else if (const std::size_t next = message.before.rfind("; "); next != kNowhere) {
      message.before.remove_prefix(next + 2);
    }
    const std::size_t begin = static_cast<std::size_t>(message.before.data() - body.data());
    const std::size_t end = body.find("; ", body.size() - after.size());
    message.reason = "HTTP 400: " + one_line(body.substr(begin, end - begin).substr(0, 1000), 300);
    read_message(message, find(*labels));
    at = read = body.size() - after.size();
  }
  // Loki before 2.4 gives the total last, after the streams.
  constexpr std::string_view kTotal = "\ntotal ignored: ";
  if (const std::size_t at = body.rfind(kTotal); at != kNowhere && !result_.items.empty()) {
    const std::uint64_t total = number_at(body.substr(at + kTotal.size())).value_or(0);
    if (total > result_.items.size()) unnamed_ += total - result_.items.size();
  }
}

}  // namespace

LokiRefusals read_loki_refusals(std::string_view body, const LokiStreams& streams,
                                std::span<const Record> records) {
  Reader reader(streams, records);
  reader.read(body);
  return std::move(reader).result();
}

}  // namespace ship
