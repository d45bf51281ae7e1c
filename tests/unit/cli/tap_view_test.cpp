#include "cli/tap_view.hpp"

#include "tests/catch.hpp"

using namespace ship;

namespace {

std::string shown_of(TapView& view, std::string_view bytes) {
  std::string out;
  view.take(bytes, out);
  return out;
}

}  // namespace

TEST_CASE("tap view: records are lines as they are, notes are not", "[cli]") {
  TapView::Options options;
  std::string begun;
  options.on_begin = [&begun](std::string_view what) { begun = what; };
  TapView view(std::move(options));
  CHECK(shown_of(view, "#tap in\n#\n{\"a\":1}\n#sink x\n{\"b\"") == "{\"a\":1}\n");
  CHECK(begun == "in");
  CHECK(shown_of(view, ":2}\n") == "{\"b\":2}\n");
  CHECK(view.shown() == 2);
}

TEST_CASE("tap view: what is left out is told between the records, or by the way", "[cli]") {
  TapView::Options between;
  between.notes_between = true;
  TapView pretty(std::move(between));
  CHECK(shown_of(pretty, "{}\n#left out 1234\n{}\n") == "{}\n… 1,234 records not shown\n{}\n");
  TapView::Options beside;
  std::uint64_t told = 0;
  beside.on_left_out = [&told](std::uint64_t count) { told += count; };
  TapView lines(std::move(beside));
  CHECK(shown_of(lines, "{}\n#left out 5\n{}\n") == "{}\n{}\n");
  CHECK(told == 5);
  CHECK(lines.left_out() == 5);
}

TEST_CASE("tap view: it ends at the record that was the last one wanted", "[cli]") {
  TapView::Options options;
  options.at_most = 2;
  TapView view(std::move(options));
  std::string out;
  CHECK(view.take("{\"a\":1}\n", out));
  CHECK_FALSE(view.take("{\"a\":2}\n{\"a\":3}\n", out));
  CHECK(out == "{\"a\":1}\n{\"a\":2}\n");
}

TEST_CASE("tap view: a format gets level and time, and a second sink is named", "[cli]") {
  TapView::Options options;
  options.format = [](const Record& record, std::string& out) {
    out += std::string(record.level_name()) + " " + std::to_string(record.time / 1000000000) + "\n";
  };
  TapView view(std::move(options));
  CHECK(shown_of(view, "#sink a\n{\"level\":\"error\",\"time\":1700000000}\n") ==
        "error 1700000000\n");
  CHECK(shown_of(view, "#sink b\x1b[2J\n{\"level\":\"error\",\"time\":1700000000}\n") ==
        "sink b\\x1b[2J:\nerror 1700000000\n");
}
