// What --pretty and format=logfmt make of the lines of real loggers (tests/data/loggers): one small
// file for each source in tests/data/loggers/shown. SHIP_UPDATE=1 writes them anew.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/utf8.hpp"
#include "input/intake.hpp"
#include "record/json_text.hpp"
#include "record/json_walk.hpp"
#include "record/known_places.hpp"
#include "record/timestamp.hpp"
#include "sinks/terminal/logfmt.hpp"
#include "sinks/terminal/pretty.hpp"
#include "tests/catch.hpp"

namespace ship {
namespace {

const std::filesystem::path kLoggers = SHIP_TEST_DATA "/loggers";

/// Lines without a time of their own come at this moment.
class FixedClock final : public Clock {
 public:
  SteadyTime steady() const override { return {}; }
  WallNanos wall() const override { return 1'767'323'045'678'000'000; }
  void wait_until(std::condition_variable&, std::unique_lock<std::mutex>&, SteadyTime) override {}
};

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Calls `use` with each record of a sample.
template <class Use>
void each_record(const std::filesystem::path& path, Use use) {
  static FixedClock clock;
  Intake::Options options;
  options.input.time_zone = "UTC";
  Intake intake(
      options,
      [&use](std::span<const Record> records) {
        for (const Record& record : records) use(record);
      },
      {}, clock);
  intake.feed(read_file(path));
  intake.end_input();
  intake.finish();
}

/// Long lines are cut, and of long stacks the beginning is kept: a file is for a person to read.
std::string shortened(const std::string& text) {
  constexpr std::size_t kColumns = 160;
  constexpr std::size_t kLines = 10;
  std::istringstream lines(text);
  std::string result;
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    if (count == kLines) result += "    …\n";
    if (count >= kLines) continue;
    if (line.size() > kColumns) line = std::string(utf8_prefix(line, kColumns)) + "…";
    result += line + "\n";
  }
  return result;
}

std::string shown(const std::filesystem::path& path) {
  constexpr std::size_t kMostRecords = 8;
  static FixedClock clock;
  PrettyFormat::Options options;
  options.utc = true;
  options.clock = &clock;
  PrettyFormat pretty(options);
  std::string result;
  std::string logfmt;
  std::size_t count = 0;
  each_record(path, [&](const Record& record) {
    if (++count > kMostRecords) return;
    std::string text;
    pretty.append(record, text);
    result += shortened(text);
    text.clear();
    // Wrapped lines have an identity of their own each time.
    append_logfmt(record, text);
    if (record.line.find("\"third_party\"") == std::string::npos) logfmt += shortened(text);
  });
  return result + (logfmt.empty() ? "" : "\n" + logfmt);
}

/// The texts and numbers of all members that say something, however deep.
void collect(const JsonValue& value, std::vector<std::string>& texts) {
  if (value.is_object() || value.kind() == JsonKind::array) {
    for (JsonWalk walk(value); walk.next();) collect(walk.value(), texts);
  } else if (value.is_text() && value.raw.find('\\') == std::string_view::npos &&
             value.raw.size() > 5) {
    texts.push_back(value.text());
  }
}

TEST_CASE("shown: --pretty and logfmt show real loggers' lines as their files have them",
          "[shown]") {
  for (const auto& entry : std::filesystem::directory_iterator(kLoggers)) {
    if (entry.path().extension() != ".log") continue;
    const auto golden = kLoggers / "shown" / (entry.path().stem().string() + ".txt");
    const std::string text = shown(entry.path());
    if (std::getenv("SHIP_UPDATE") != nullptr) {
      std::filesystem::create_directories(golden.parent_path());
      std::ofstream(golden, std::ios::binary) << text;
    }
    INFO(golden << " differs: SHIP_UPDATE=1 writes it anew");
    CHECK(read_file(golden) == text);
  }
}

TEST_CASE("shown: pretty never hides a member, whatever logger wrote it", "[shown]") {
  for (const auto& entry : std::filesystem::directory_iterator(kLoggers)) {
    if (entry.path().extension() != ".log") continue;
    each_record(entry.path(), [&](const Record& record) {
      // fapilog's own envelope has facts that are left out on purpose.
      if (KnownPlaces(record.line).dialect() == &dialects().front()) return;
      static FixedClock clock;
      PrettyFormat::Options options;
      options.utc = true;
      options.clock = &clock;
      PrettyFormat pretty(options);
      std::string text;
      pretty.append(record, text);
      std::vector<std::string> members;
      for (JsonWalk walk(record.line); walk.next();) collect(walk.value(), members);
      for (const std::string& member : members) {
        // What the time and the level say is shown in their own form.
        if (text.find(member) != std::string::npos || parse_level(member)) continue;
        TimeParser times;
        if (times.parse(member)) continue;
        CAPTURE(entry.path(), record.line, text, member);
        // pino's message has those of the causes behind it, which the stack shows one by one.
        std::string_view left = member;
        while (!left.empty()) {
          const std::size_t end = std::min(left.find(": "), left.size());
          const std::string part(left.substr(0, std::min(left.find('"'), end)));
          CHECK(text.find(part) != std::string::npos);
          left.remove_prefix(std::min(end + 2, left.size()));
        }
      }
    });
  }
}

}  // namespace
}  // namespace ship
