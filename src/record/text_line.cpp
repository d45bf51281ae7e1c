#include "record/text_line.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "base/begins.hpp"
#include "record/level_word.hpp"
#include "record/logfmt_line.hpp"
#include "record/written_time.hpp"

namespace ship {
namespace {

constexpr std::size_t kMostBytes = 256;
constexpr std::size_t kMostTokens = 12;
/// The most fields allowed between a time and a level: host, program, thread, logger …
constexpr int kMostBetween = 6;
constexpr std::size_t kMostIndent = 8;  ///< of a head, except for a padded level

bool is_blank(char c) { return c == ' ' || c == '\t'; }
class Reader {
 public:
  Reader(std::string_view text, TimeParser& times) : times_(times) {
    const std::size_t end = std::min(text.find('\n'), std::min(text.size(), kMostBytes));
    line_ = text.substr(0, end);
    behind_ = text.substr(std::min(end + 1, text.size()), kMostBytes);
  }

  TextFinding read() {
    skip_separators();
    if (at_ > kMostIndent) {
      if (const auto level = padded_level(line_)) {
        set_level(*level);
        found_.head = TextFinding::Head::level;
      }
      return found_;
    }
    if (is_failure(line_.substr(at_))) {
      set_level(kError);
      found_.head = TextFinding::Head::failure;
      return found_;
    }
    if (begins(line_.substr(at_), "Full thread dump")) {
      found_.head = TextFinding::Head::time;
      return found_;
    }
    if (!read_code()) at_ = 0;
    while (at_ < line_.size() && !done_ && tokens_ < kMostTokens) token();
    if (!found_.has_level && has_time_) second_line();
    if (found_.has_level) found_.head = TextFinding::Head::level;
    if (has_time_) found_.head = TextFinding::Head::time;
    return found_;
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < line_.size() ? line_[at_ + ahead] : '\0';
  }
  static bool is_opening(char c) { return c == '[' || c == '(' || c == '<'; }
  static bool is_closing(char c) { return c == ']' || c == ')' || c == '>'; }
  void set_level(Level level) {
    found_.has_level = true;
    found_.level = level;
    if (has_time_) done_ = true;
  }
  void set_time(const WrittenTime& written) {
    has_time_ = true;
    between_ = 0;
    at_ += written.size;
    if (written.has_date) {
      if (const auto time = times_.resolve(written)) {
        found_.has_time = true;
        found_.time = *time;
      }
    }
    if (found_.has_level) done_ = true;
  }

  /// Codes that appear only at the start: "<11>", "E0102 03:04:05", "E, [2026-…", "42:M … #".
  bool read_code() {
    if (peek() == '<' || (at_ > 0 && line_[at_ - 1] == '<')) return read_priority();
    constexpr std::string_view kCodes = "DIWEFA";
    if (kCodes.find(peek()) != std::string_view::npos && at_ < line_.size()) {
      const std::string_view code = line_.substr(at_, 1);
      if (is_digit(peek(1))) {
        const auto time = read_klog_time(line_.substr(at_ + 1));
        if (!time) return false;
        set_level(*read_level(code));
        ++at_;
        set_time(*time);
        return true;
      }
      if (peek(1) == ',' && peek(2) == ' ' && peek(3) == '[' && is_digit(peek(4))) {
        set_level(code == "A" ? kInfo : *read_level(code));
        at_ += 4;
        return true;
      }
      return false;
    }
    if (peek() == '=' && line_.find(" REPORT====") != std::string_view::npos) {
      ++at_;
      return true;
    }
    return is_digit(peek()) && read_redis();
  }

  /// "<11>1 2026-…", "<11>Jan  2 03:04:05 …", and sd-daemon's "<3>text".
  bool read_priority() {
    std::size_t at = peek() == '<' ? at_ + 1 : at_;
    unsigned priority = 0;
    const std::size_t start = at;
    while (at < line_.size() && is_digit(line_[at]) && at < start + 3) {
      priority = priority * 10 + static_cast<unsigned>(line_[at++] - '0');
    }
    if (at == start || at >= line_.size() || line_[at] != '>' || priority > 191) return false;
    at_ = at + 1;
    set_level(level_from_number(priority % 8, LevelScale::syslog));
    if (peek() == '1' && peek(1) == ' ') at_ += 2;
    return true;
  }

  /// "42:M 02 Jan 2026 03:04:05.678 # text"
  bool read_redis() {
    std::size_t at = at_;
    while (at < line_.size() && is_digit(line_[at])) ++at;
    const std::string_view rest = line_.substr(at);
    if (rest.starts_with(":signal-handler (")) {
      has_time_ = true;
      done_ = true;
      return true;
    }
    if (rest.size() < 4 || rest[0] != ':' || !is_upper(rest[1]) || rest[2] != ' ') return false;
    const auto time = read_written_time(rest.substr(3));
    if (!time || !time->has_year) return false;
    at_ = at + 3;
    set_time(*time);
    if (peek() == ' ' && peek(2) == ' ') {
      if (peek(1) == '#') set_level(kWarning);
      if (peek(1) == '*') set_level(kInfo);
      if (peek(1) == '-' || peek(1) == '.') set_level(kDebug);
    }
    return true;
  }

  static bool is_separator(char c) {
    return is_blank(c) || is_opening(c) || is_closing(c) || c == '|' || c == '-' || c == ',' ||
           c == '*' || c == '=' || c == '#' || c == '\x1b';
  }

  /// Skips spaces, brackets, bars and colours. Remembers the last opened bracket.
  void skip_separators() {
    if (!is_separator(peek())) return;
    opened_ = '\0';
    barred_ = false;
    blanks_ = 0;
    while (at_ < line_.size()) {
      const char c = line_[at_];
      if (c == '\x1b') {
        std::size_t end = at_ + 1;
        if (peek(1) == '[') end = line_.find_first_not_of("0123456789;:", at_ + 2);
        at_ = std::min(end, line_.size() - 1) + 1;
        continue;
      }
      if (c == '\t' || c == '|') barred_ = true;
      if (is_blank(c)) {
        blanks_ += c == '\t' ? 2 : 1;
      } else if (is_opening(c)) {
        opened_ = c;
      } else if (is_closing(c)) {
        opened_ = '\0';
      } else if (!is_separator(c)) {
        return;
      }
      ++at_;
    }
  }

  void token() {
    skip_separators();
    if (at_ >= line_.size()) return;
    const char first = peek();
    if (const LevelSymbol symbol = level_symbol(line_.substr(at_)); symbol.size > 0) {
      at_ += symbol.size;
      if (symbol.level && !found_.has_level && only_brackets_) set_level(*symbol.level);
      return;
    }
    if (first == '{' && has_time_ && peek(1) != '"') {
      // ClickHouse's query id
      const std::size_t end = line_.find('}', at_);
      if (end != std::string_view::npos && end < at_ + 64) {
        at_ = end + 1;
        return;
      }
    }
    if (first == '"' || first == '{' || first == '\'') {
      done_ = true;
      return;
    }
    if (!has_time_ && time_may_stand_here()) {
      if (const auto written = read_written_time(line_.substr(at_))) {
        if (!is_letter(peek(written->size)) || peek(written->size) == 'A' ||
            peek(written->size) == 'P') {
          set_time(*written);
          if (peek() == ':' || peek() == ',') ++at_;
          return;
        }
      }
      if (clock_or_epoch()) return;
    }
    if (const auto level = program_level(line_.substr(at_))) {
      set_level(*level);
      done_ = true;
      return;
    }
    const std::size_t start = at_;
    while (at_ < line_.size() && !ends_token(line_[at_])) ++at_;
    if (at_ == start) {
      ++at_;
      return;
    }
    word(line_.substr(start, at_ - start));
    ++tokens_;
    if (has_time_ && ++between_ > kMostBetween) done_ = true;
    if (found_.has_level && ++behind_level_ > 4) done_ = true;
  }

  static bool ends_token(char c) {
    return is_blank(c) || is_opening(c) || is_closing(c) || c == '|' || c == ',' || c == '=' ||
           c == '"' || c == ':' || c == '/' || c == '\x1b' || c == '{';
  }

  bool time_may_stand_here() const {
    const char c = peek();
    if (is_digit(c)) return true;
    return is_letter(c) && (tokens_ == 0 || opened_ != '\0' || found_.has_level);
  }

  bool clock_or_epoch() {
    const std::string_view rest = line_.substr(at_);
    std::size_t size = short_clock_size(rest);
    if (size == 0 && tokens_ == 0) {
      if (const auto epoch = read_epoch_field(rest)) {
        size = epoch->size;
        found_.has_time = true;
        found_.time = epoch->time;
      }
    }
    if (size == 0) return false;
    at_ += size;
    has_time_ = true;
    between_ = 0;
    return true;
  }

  /// Handles a token; `at_` is after it.
  void word(std::string_view token) {
    const char next = peek();
    if (next == '=') return member(token);
    const bool closes = is_closing(next) || (is_blank(next) && closes_soon());
    if (!found_.has_level) {
      std::string_view name = token;
      const bool bracketed = opened_ != '\0' && closes;
      // Monolog's "app.ERROR:", "LogLevel.ERROR"; Twisted's "[app#error]"
      const std::size_t mark = name.find_last_of(next == ':' ? "." : bracketed ? "#" : "");
      if (mark != name.npos) name.remove_prefix(mark + 1);
      if (const auto found = read_level_word(name); found && is_field(*found, name, bracketed)) {
        set_level(found->level);
        if (next == ':') ++at_;
        head_ended_ = false;
        return;
      }
      if (letter(token, bracketed)) return;
    }
    if (head_ended_) done_ = true;
    if (next == ':') {
      ++at_;
      // "host program[42]: " ends a head; one more word may be a level. "[core:error]" does not end
      // it.
      if (is_blank(peek()) && opened_ == '\0') {
        if (!has_time_) done_ = true;
        head_ended_ = true;
      }
      return;
    }
    if (is_closing(next)) return;
    if (has_time_ && std::all_of(token.begin(), token.end(), is_digit)) ++numbers_;
    // Without a time, prose begins with the first word on its own.
    const bool wordy = std::all_of(token.begin(), token.end(), is_letter);
    if (tokens_ == 0 && line_.substr(at_).starts_with(" - ")) access_ = true;
    if (!has_time_ && wordy && opened_ == '\0' && !found_.has_level && !access_) done_ = true;
    if (opened_ == '\0' && !barred_) only_brackets_ = false;
  }

  /// Whether a bracket closes after the spaces that pad a word.
  bool closes_soon() const {
    std::size_t ahead = 0;
    while (is_blank(peek(ahead)) && ahead < 8) ++ahead;
    return is_closing(peek(ahead));
  }

  /// Whether a level's word is a field, judging by what is around it.
  bool is_field(const LevelWord& word, std::string_view name, bool bracketed) {
    const char next = peek();
    const bool ends = next == '\0' || is_blank(next) || is_closing(next) || next == '|' ||
                      next == ':' || next == '/' || next == '\x1b' || next == ',';
    if (!ends && !(next == '[' && is_digit(peek(1)))) return false;
    const bool bar = barred_ && (next == '|' || next == '\t' || is_blank(next));
    if (has_time_) {
      if (bracketed || bar) return true;
      if (next == ':' && (between_ == 0 || word.upper || opened_ != '\0')) return true;
      if (head_ended_) return word.upper && word.common;
      if (next == ':' && only_brackets_) return starts_line(word, name);
      if (word.upper) return word.common || between_ == 0;
      return between_ == 0 && word.common && is_blank(next) && name.size() > 3;
    }
    if (tokens_ == 0) {
      if (bracketed) return word.common || word.upper || blanks_ == 0;
      if (next == ':') return starts_line(word, name);
      if (next == '[') return word.upper;
      return word.upper && word.common && name.size() >= 4 && !begins_title(line_.substr(at_));
    }
    return only_brackets_ && word.upper && word.common && (bracketed || is_blank(next));
  }

  /// "error: text", "ERROR:orders:text", ".NET's fail: App.Orders[0]"
  bool starts_line(const LevelWord& word, std::string_view name) const {
    if (word.upper) return word.common || peek(1) == ' ';
    if (!is_blank(peek(1))) return false;
    if (name == "silly" || name == "http") return true;
    if (name == "fail") return line_.back() == ']';
    return word.common;
  }

  /// "[E]" after a time, Tornado's "[E 260102 03:04:05 app:1]", logcat's "1234  1234 E Tag: text".
  bool letter(std::string_view token, bool bracketed) {
    if (token.size() != 1 || !is_upper(token.front())) return false;
    const bool leads = tokens_ == 0 && opened_ == '[' && is_blank(peek()) && !has_time_ &&
                       read_written_time(line_.substr(at_ + 1));
    const bool logcat = opened_ == '\0' && numbers_ == 2 && is_blank(peek());
    if (!leads && (!has_time_ || (!bracketed && !logcat && !barred_))) return false;
    const auto level = read_level(token);
    if (!level) return false;
    set_level(*level);
    return true;
  }

  /// "key=": reads a level's value, skips any other.
  void member(std::string_view key) {
    ++at_;
    const char quote = peek();
    const bool quoted = quote == '"' || quote == '\'';
    if (quoted) ++at_;
    const std::size_t start = at_;
    while (at_ < line_.size() && (quoted ? line_[at_] != quote : !is_blank(line_[at_]))) ++at_;
    const std::string_view value = line_.substr(start, at_ - start);
    if (quoted && at_ < line_.size()) ++at_;
    if (!found_.has_level && is_logfmt_level_key(key)) {
      if (const auto level = read_level(value)) set_level(*level);
    } else if (!has_time_ && is_logfmt_time_key(key)) {
      if (const auto time = times_.parse(value)) {
        has_time_ = true;
        found_.has_time = true;
        found_.time = *time;
      }
    }
  }

  /// java.util.logging writes its level on a line of its own.
  void second_line() {
    const auto word = read_level_word(behind_.substr(0, behind_.substr(0, 16).find(": ")));
    if (word && word->upper) set_level(word->level);
  }

  TimeParser& times_;
  std::string_view line_;
  std::string_view behind_;
  std::size_t at_ = 0;
  TextFinding found_;
  bool has_time_ = false;
  bool done_ = false;
  bool head_ended_ = false;    ///< a colon ended the fields before the message
  bool only_brackets_ = true;  ///< all tokens so far were in brackets
  bool access_ = false;        ///< "host - user [time]"
  bool barred_ = false;        ///< a bar or a tab precedes the token
  char opened_ = '\0';         ///< the bracket before the token
  std::size_t tokens_ = 0;
  std::size_t blanks_ = 0;
  int between_ = 0;  ///< tokens after the time
  int behind_level_ = 0;
  int numbers_ = 0;  ///< numbers after the time
};

}  // namespace

TextFinding read_text_line(std::string_view text, TimeParser& times) {
  return Reader(text, times).read();
}

}  // namespace ship
