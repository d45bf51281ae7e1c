#include "sinks/terminal/pretty.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <utility>
#include <vector>

#include "sinks/terminal/exception_text.hpp"
#include "sinks/terminal/pretty_parts.hpp"
#include "sinks/terminal/terminal_style.hpp"
#include "sinks/terminal/terminal_text.hpp"

namespace ship {
namespace {

constexpr std::size_t kLevelColumns = 8;
/// More than these are shown each time.
constexpr std::size_t kMaxFacts = 64;

std::string_view level_style(Level level) {
  if (level.name == LevelName::audit) return style::kMagenta;
  if (level.name == LevelName::security) return style::kBoldMagenta;
  if (level.severity >= 50) return style::kWhiteOnRed;
  if (level.severity >= 40) return style::kBoldRed;
  if (level.severity >= 30) return style::kYellow;
  if (level.severity >= 20) return style::kGreen;
  return style::kDim;
}

/// Appends fields after a message and breaks the line before one that does not fit.
class FieldLine {
 public:
  FieldLine(std::string& out, std::size_t column, std::size_t width)
      : out_(out), column_(column), width_(width) {}

  void add(const Pen& pen, const Pair& pair, std::string_view key_style,
           std::string_view text_style) {
    const std::size_t size = display_width(pair.key) + 1 + display_width(pair.value);
    if (width_ > 0 && column_ + gap_ + size > width_ && column_ > kIndent) {
      out_.push_back('\n');
      out_.append(kIndent, ' ');
      column_ = kIndent;
    } else {
      out_.append(gap_, ' ');
      column_ += gap_;
    }
    gap_ = 1;
    pen.write(out_, key_style, pair.key + "=");
    pen.write(out_, text_style, pair.value);
    column_ += size;
  }

 private:
  static constexpr std::size_t kIndent = 13;
  std::string& out_;
  std::size_t column_;
  std::size_t width_;
  std::size_t gap_ = 2;  ///< wider between the message and the first
};

std::string_view value_style(const Pair& pair) {
  if (pair.key == "error" || pair.key == "err") return style::kRed;
  if ((pair.key != "status" && pair.key != "status_code") || pair.value.size() != 3) return {};
  if (pair.value[0] == '5') return style::kRed;
  return pair.value[0] == '4' ? style::kYellow : std::string_view();
}

std::string level_name(const Record& record) {
  std::string name;
  append_harmless(
      record.level.name == LevelName::other ? record.level_name() : level_text(record.level), name);
  for (char& c : name) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return name;
}

}  // namespace

void PrettyFormat::append(const Record& record, std::string& out) {
  sort_into_parts(record, options_.message_fields, parts_);
  if (is_plain_text(record)) return append_plain_text(out);
  append_line(record, out);
  for (const Pair& block : parts_.blocks) {
    out.append("  ");
    pen_.write(out, style::kCyan, block.key + ":");
    out.push_back('\n');
    append_block(out, block.value);
  }
  for (const LoggedException& exception : parts_.exceptions) {
    append_exception(exception, out, pen_);
  }
}

/// "09:09:09.624", preceded by the date if it is not today.
std::string PrettyFormat::time_text(WallNanos time) const {
  const auto split = [this](WallNanos nanos, std::tm& tm) {
    WallNanos seconds = nanos / 1'000'000'000;
    WallNanos rest = nanos % 1'000'000'000;
    if (rest < 0) {
      rest += 1'000'000'000;
      --seconds;
    }
    const auto at = static_cast<std::time_t>(seconds);
    options_.utc ? ::gmtime_r(&at, &tm) : ::localtime_r(&at, &tm);
    return static_cast<int>(rest / 1'000'000);
  };
  std::tm tm{};
  std::tm today{};
  const int milliseconds = split(time, tm);
  split(options_.clock->wall(), today);
  const bool other_day = tm.tm_year != today.tm_year || tm.tm_yday != today.tm_yday;
  std::array<char, 48> text{};
  std::size_t size =
      std::strftime(text.data(), text.size(), other_day ? "%Y-%m-%d %H:%M:%S" : "%H:%M:%S", &tm);
  size += static_cast<std::size_t>(std::snprintf(text.data() + size, text.size() - size, ".%03d%s",
                                                 milliseconds, options_.utc ? "Z" : ""));
  return std::string(text.data(), size);
}

/// Whether the line was not JSON and got an envelope at intake.
bool PrettyFormat::is_plain_text(const Record& record) const {
  return parts_.origin == "third_party" && parts_.data.empty() && !parts_.stream.empty() &&
         record.level.severity == 20;
}

void PrettyFormat::append_plain_text(std::string& out) const {
  const std::size_t begin = out.size();
  append_harmless(parts_.message, out, true, pen_.color() ? Sgr::keep : Sgr::remove);
  if (out.find('\x1b', begin) != std::string::npos) out.append(style::kReset);
  out.push_back('\n');
  for (const Pair& block : parts_.blocks) out.append(block.value).push_back('\n');
}

void PrettyFormat::append_line(const Record& record, std::string& out) {
  const std::string time = time_text(record.time);
  std::string level = level_name(record);
  std::size_t column = time.size() + 1 + std::max(display_width(level), kLevelColumns);
  pen_.write(out, style::kDim, time);
  out.push_back(' ');
  pen_.write(out, level_style(record.level), level);
  out.append(column - time.size() - 1 - display_width(level), ' ');

  std::string message;
  append_harmless(parts_.message, message, true);
  std::string_view rest;
  std::string_view first = message;
  if (const std::size_t end = message.find('\n'); end != std::string::npos) {
    first = std::string_view(message).substr(0, end);
    rest = std::string_view(message).substr(end + 1);
  }
  if (!first.empty()) {
    out.push_back(' ');
    const bool loud = record.level.severity >= 40 && record.level.severity < 60;
    pen_.write(out, loud ? style::kBold : std::string_view(), first);
    column += 1 + display_width(first);
  }

  FieldLine line(out, column, options_.width());
  for (const Pair& pair : parts_.data) line.add(pen_, pair, style::kCyan, value_style(pair));
  for (const Pair& pair : parts_.context) line.add(pen_, pair, style::kDim, style::kDim);
  if (!parts_.logger.empty()) line.add(pen_, {"logger", parts_.logger}, style::kDim, style::kDim);
  for (const Pair& pair : changed_facts()) line.add(pen_, pair, style::kDim, style::kDim);
  out.push_back('\n');
  append_block(out, rest);
}

/// The facts that differ from what the reader saw last.
std::vector<Pair> PrettyFormat::changed_facts() {
  std::vector<Pair> changed;
  for (Pair& fact : parts_.facts) {
    const auto known = std::find_if(last_facts_.begin(), last_facts_.end(),
                                    [&](const Pair& last) { return last.key == fact.key; });
    if (known == last_facts_.end()) {
      if (last_facts_.size() < kMaxFacts) last_facts_.push_back(fact);
    } else if (known->value != fact.value) {
      known->value = fact.value;
    } else {
      continue;
    }
    changed.push_back(std::move(fact));
  }
  return changed;
}

}  // namespace ship
