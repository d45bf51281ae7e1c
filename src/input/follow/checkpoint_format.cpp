#include "input/follow/checkpoint_format.hpp"

#include <charconv>

#include "base/hash.hpp"
#include "base/percent.hpp"

namespace ship {
namespace {

constexpr std::string_view kProgram = "fapilog-ship";
constexpr std::uint64_t kVersion = 1;
constexpr std::uint64_t kSeed = 0x66617069;

std::string run_text(const RunId& run) {
  const std::string text = record_id_text({run, 0});
  return text.substr(0, text.find('-'));
}

void add(std::string& line, std::uint64_t number) { line += ' ' + std::to_string(number); }

std::string checked(std::string line) {
  add(line, hash_bytes(line, kSeed));
  line += '\n';
  return line;
}

/// Takes a line apart at its blanks.
class Words {
 public:
  explicit Words(std::string_view line) : rest_(line) {}

  std::string_view next() {
    const std::size_t end = std::min(rest_.find(' '), rest_.size());
    const std::string_view word = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    if (word.empty()) good_ = false;
    return word;
  }
  std::uint64_t number() {
    const std::string_view word = next();
    std::uint64_t number = 0;
    const auto end = std::from_chars(word.data(), word.data() + word.size(), number);
    if (end.ec != std::errc() || end.ptr != word.data() + word.size()) good_ = false;
    return number;
  }
  RunId run() {
    const auto id = parse_record_id(std::string(next()) + "-0");
    if (!id) good_ = false;
    return id ? id->run : RunId();
  }
  void expect(std::string_view word) {
    if (next() != word) good_ = false;
  }
  /// Every word was what it should be, and nothing is left.
  bool good() const { return good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

}  // namespace

std::string header_line(std::string_view kind, std::uint64_t serial) {
  std::string line(kProgram);
  line += ' ';
  line += kind;
  add(line, kVersion);
  add(line, serial);
  return checked(std::move(line));
}

std::string entry_line(const FileEntry& entry) {
  std::string line = "+ " + run_text(entry.run);
  add(line, entry.device);
  add(line, entry.inode);
  add(line, entry.generation);
  add(line, entry.head.size);
  add(line, entry.head.hash);
  add(line, entry.offset);
  line += ' ' + percent_encoded(entry.path, "/");
  return checked(std::move(line));
}

std::string place_line(const FilePlace& place) {
  std::string line = "= " + run_text(place.file);
  add(line, place.offset);
  return checked(std::move(line));
}

std::string range_line(const FileRange& range) {
  std::string line = "~ " + run_text(range.file);
  add(line, range.first);
  add(line, range.last);
  return checked(std::move(line));
}

std::string removal_line(const RunId& run) { return checked("- " + run_text(run)); }

std::string end_line(std::size_t entries) {
  std::string line = "end";
  add(line, entries);
  return checked(std::move(line));
}

std::optional<CheckpointLine> parse_checkpoint_line(std::string_view line) {
  const std::size_t blank = line.rfind(' ');
  if (blank == std::string_view::npos) return {};
  const std::string_view content = line.substr(0, blank);
  if (line.substr(blank + 1) != std::to_string(hash_bytes(content, kSeed))) return {};
  Words words(content);
  CheckpointLine result;
  const std::string_view kind = words.next();
  if (kind == kProgram) {
    result.kind = CheckpointLine::Kind::header;
    result.name = words.next();
    words.expect(std::to_string(kVersion));
    result.number = words.number();
  } else if (kind == "+") {
    result.kind = CheckpointLine::Kind::entry;
    FileEntry& entry = result.entry;
    entry.run = words.run();
    entry.device = words.number();
    entry.inode = words.number();
    entry.generation = words.number();
    entry.head.size = words.number();
    entry.head.hash = words.number();
    entry.offset = words.number();
    entry.path = percent_decoded(words.next());
  } else if (kind == "=") {
    result.kind = CheckpointLine::Kind::place;
    result.entry.run = words.run();
    result.entry.offset = words.number();
  } else if (kind == "~") {
    result.kind = CheckpointLine::Kind::range;
    result.entry.run = words.run();
    result.entry.offset = words.number();
    result.last = words.number();
  } else if (kind == "-") {
    result.kind = CheckpointLine::Kind::removal;
    result.entry.run = words.run();
  } else if (kind == "end") {
    result.kind = CheckpointLine::Kind::end;
    result.number = words.number();
  } else {
    return {};
  }
  if (!words.good()) return {};
  return result;
}

}  // namespace ship
