#include "sinks/line_stream.hpp"

#include <cerrno>

#include "base/files.hpp"
#include "tests/catch.hpp"
#include "tests/unit/sinks/sink_contract.hpp"

namespace ship {
namespace {

using testing::OwnedRecords;

/// A stream that takes `room` bytes, at most `piece` at once, and then says that the disk is full.
struct Output {
  std::string text;
  std::size_t room = 0;
  std::size_t piece = 3;

  LineStream::Write writer() {
    return [this](std::string_view bytes) -> Result<std::size_t> {
      const std::size_t n = std::min({bytes.size(), room, piece});
      if (n == 0) return system_error("write", ENOSPC);
      text.append(bytes.substr(0, n));
      room -= n;
      return n;
    };
  }
};

const std::vector<std::string> kLines = {R"({"a":1})", R"({"a":1})", R"({"b":22})", "{}"};

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

}  // namespace

TEST_CASE("line stream: wherever it stops, sending the rest makes each line come out once",
          "[line_stream]") {
  const std::string whole = joined(kLines);
  for (std::size_t first = 0; first <= whole.size(); ++first) {
    for (std::size_t second = 0; first + second <= whole.size(); ++second) {
      const OwnedRecords records(kLines);
      LineStream stream;
      Output output;
      output.room = first;
      auto outcome = stream.send(records.records(), output.writer());
      CHECK(outcome.bytes == first);
      auto rest = records.records().subspan(outcome.complete);
      if (rest.empty()) continue;
      output.room = second;
      outcome = stream.send(rest, output.writer());
      CHECK(outcome.bytes == second);
      rest = rest.subspan(outcome.complete);
      output.room = whole.size();
      if (!rest.empty()) CHECK(stream.send(rest, output.writer()).complete == rest.size());
      CHECK(output.text == whole);
    }
  }
}

TEST_CASE("line stream: another line after a torn one begins on a line of its own",
          "[line_stream]") {
  const OwnedRecords first({R"({"first":1})"});
  const OwnedRecords second({R"({"second":2})"});
  for (std::size_t room = 1; room <= first.lines()[0].size(); ++room) {
    LineStream stream;
    Output output;
    output.room = room;
    CHECK(stream.send(first.records(), output.writer()).complete == 0);
    output.room = 0;
    CHECK(stream.send(second.records(), output.writer()).complete == 0);
    output.room = 100;
    CHECK(stream.send(second.records(), output.writer()).complete == 1);
    const std::string torn = first.lines()[0].substr(0, room);
    CHECK(output.text == torn + "\n" + second.lines()[0] + "\n");
  }
}

TEST_CASE("line stream: a stream that ends in half a line gets one newline first",
          "[line_stream]") {
  const OwnedRecords records({"{}"});
  LineStream stream;
  Output output;
  stream.end_torn();
  CHECK(stream.send(records.records(), output.writer()).complete == 0);
  output.room = 1;
  CHECK(stream.send(records.records(), output.writer()).complete == 0);
  output.room = 10;
  CHECK(stream.send(records.records(), output.writer()).complete == 1);
  CHECK(output.text == "\n{}\n");
}

TEST_CASE("line stream: lines far larger than its buffer come out whole", "[line_stream]") {
  const OwnedRecords records({std::string(700'000, 'a'), "{}", std::string(300'000, 'b'), "{}"});
  LineStream stream;
  Output output;
  output.room = 400'000;
  output.piece = 100'000;
  auto outcome = stream.send(records.records(), output.writer());
  CHECK(outcome.complete == 0);
  output.room = 10'000'000;
  outcome = stream.send(records.records(), output.writer());
  CHECK(outcome.complete == 4);
  CHECK((output.text == joined(records.lines())));
}

TEST_CASE(
    "line stream: a formatted text of several lines is resumed at its byte, also where it"
    " would come out otherwise the second time",
    "[line_stream]") {
  const OwnedRecords records({"1", "2", "3"});
  std::string seen;
  const auto format = [&seen](const Record& record, std::string& out) {
    const bool first = seen.find(record.line) == std::string::npos;
    seen += record.line;
    out.append("[").append(record.line).append(first ? "\n  more\n]\n" : "\n  less\n]\n");
  };
  const std::string whole = "[1\n  more\n]\n[2\n  more\n]\n[3\n  more\n]\n";
  for (std::size_t room = 0; room < whole.size(); ++room) {
    LineStream stream(format);
    Output output;
    output.room = room;
    seen.clear();
    const auto outcome = stream.send(records.records(), output.writer());
    // What had not begun is formatted anew.
    seen.resize(outcome.complete + (stream.torn() > 0 ? 1 : 0));
    output.room = whole.size();
    const auto rest = records.records().subspan(outcome.complete);
    CHECK(stream.send(rest, output.writer()).complete == rest.size());
    CHECK(output.text == whole);
  }
}

TEST_CASE("line stream: the verdict names exactly the records that are not out", "[line_stream]") {
  const std::optional<Error> full = system_error("cannot write", ENOSPC);
  const Verdict partial = line_verdict(2, 4, 20, full);
  CHECK(partial.kind == Verdict::Kind::partial);
  CHECK(partial.status == ENOSPC);
  REQUIRE(partial.items.size() == 2);
  CHECK(partial.items[0].index == 2);
  CHECK(partial.items[0].retry);
  CHECK(partial.items[1].index == 3);
  CHECK(line_verdict(0, 4, 0, full).kind == Verdict::Kind::retry);
  CHECK(line_verdict(0, 4, 0, system_error("cannot open", EACCES)).kind == Verdict::Kind::hold);
  CHECK(line_verdict(4, 4, 40, std::nullopt).kind == Verdict::Kind::ok);
}

}  // namespace ship
