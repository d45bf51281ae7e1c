#include "config/value.hpp"

#include <cmath>

#include "base/utf8.hpp"
#include "settings/settings_table.hpp"
#include "sinks/file/file_settings.hpp"
#include "sinks/http/http_settings.hpp"
#include "sinks/loki/loki_settings.hpp"
#include "sinks/terminal/stdout_settings.hpp"
#include "tests/catch.hpp"

using namespace ship;
using namespace std::chrono_literals;

namespace {

const Setting& row(const char* key) { return *find_global(key); }
const Setting& row(const SinkType& type, const char* key) { return *find_in_sink(type, key); }

std::string why_not_raw(const Setting& setting, const RawValue& raw) {
  const Result<Value> value = value_from_raw(setting, raw);
  return value ? "no error" : value.error().message;
}
std::string why_not(const Setting& setting, std::string_view text) {
  const Result<Value> value = value_from_text(setting, text);
  return value ? "no error" : value.error().message;
}

}  // namespace

TEST_CASE("value: a text is read as its row wants it", "[config]") {
  CHECK(std::get<std::uint64_t>(value_from_text(row("queue.size"), "12").value()) == 12);
  CHECK(std::get<std::uint64_t>(value_from_text(row("queue.max_bytes"), "1 MB").value()) ==
        1048576);
  CHECK(std::get<std::chrono::milliseconds>(value_from_text(row("queue.wait"), "1.5").value()) ==
        1500ms);
  CHECK(std::get<std::string>(value_from_text(row("filter.min_level"), "warn").value()) ==
        "WARNING");
  CHECK(std::get<std::string>(value_from_text(row("filter.min_level"), "35").value()) == "35");
  CHECK(std::get<std::string>(value_from_text(row("stats.signal"), "sigusr2").value()) == "USR2");
  CHECK(std::get<std::uint64_t>(
            value_from_text(row(FileSinkSettings::type(), "mode"), "0600").value()) == 0600);
  using List = std::vector<std::string>;
  CHECK(std::get<List>(value_from_text(row("queue.protected_levels"), "ERROR, audit").value()) ==
        List{"ERROR", "audit"});
  CHECK(std::get<List>(value_from_text(row("queue.protected_levels"), "").value()).empty());
  CHECK(std::get<List>(value_from_text(row("input.path"), "a,b").value()) == List{"a,b"});
  for (const char* yes : {"true", "TRUE", "yes", "on", "1"}) {
    CHECK(std::get<bool>(value_from_text(row("queue.drop_on_full"), yes).value()));
  }
  for (const char* no : {"false", "No", "off", "0"}) {
    CHECK_FALSE(std::get<bool>(value_from_text(row("queue.drop_on_full"), no).value()));
  }
}

TEST_CASE("value: an underscore between digits separates them on every surface", "[config]") {
  const auto read = [](const char* flag, const char* text) {
    return value_from_text(*find_flag(flag), text);
  };
  CHECK(read("queue-size", "50_000").value() == Value(std::uint64_t{50'000}));
  CHECK(read("queue-bytes", "67_108_864").value() == Value(std::uint64_t{64} << 20));
  CHECK(read("drain-timeout", "1_0").value() == Value(std::chrono::milliseconds(10'000)));
  CHECK_FALSE(read("queue-size", "50_"));
  CHECK_FALSE(read("queue-size", "5__0"));
}

TEST_CASE("value: what does not fit says what was found and what is expected", "[config]") {
  CHECK(why_not(row("queue.size"), "ten") ==
        "found \"ten\", expected an integer from 1 to 100000000");
  CHECK(why_not(row("queue.size"), "0") ==
        "found \"0\" (too small), expected an integer from 1 to 100000000; the default is 10000");
  CHECK(why_not(row("queue.size"), "-5") ==
        "found \"-5\", expected an integer from 1 to 100000000");
  CHECK(why_not(row("queue.size"), "99999999999999999999") ==
        "found \"99999999999999999999\", expected an integer from 1 to 100000000");
  CHECK(why_not(row("queue.max_bytes"), "12 XB") ==
        "found \"12 XB\" (an unknown unit), expected a size such as \"64 MB\", from 4 KB to 1 TB");
  CHECK(why_not(row("queue.wait"), "2h") ==
        "found \"2h\" (too large), expected a duration such as \"250ms\", from 0ms to 1h");
  CHECK(why_not(row("input.format"), "xml") == "found \"xml\", expected one of auto, json, text");
  CHECK(why_not(row("stats.signal"), "KILL") ==
        "found \"KILL\", expected one of the signals USR1, USR2, QUIT, WINCH, none");
  CHECK(why_not(row("filter.min_level"), "loud") ==
        "found \"loud\", expected a level such as INFO, or a number from 0 to 99");
  CHECK(why_not(row("filter.min_level"), "100") ==
        "found \"100\", expected a level such as INFO, or a number from 0 to 99");
  CHECK(why_not(row("queue.protected_levels"), "A,,B").find("(an item is empty)") !=
        std::string::npos);
  CHECK(why_not(row(FileSinkSettings::type(), "mode"), "0888") ==
        "found \"0888\", expected permissions in octal such as \"0640\"");
  CHECK(why_not(row("input.path"), "").find("found \"\"") != std::string::npos);
  CHECK(why_not(row("queue.drop_on_full"), "maybe") == "found \"maybe\", expected true or false");
}

TEST_CASE("value: TOML types are kept apart", "[config]") {
  CHECK(why_not_raw(row("queue.size"), RawValue(std::string("5"))) ==
        "found \"5\" (a string), expected an integer from 1 to 100000000; write 5, without quotes");
  CHECK(why_not_raw(row("queue.size"), RawValue(5.5)) ==
        "found 5.5 (a float), expected an integer from 1 to 100000000");
  CHECK(why_not_raw(row("queue.size"), RawValue(RawInteger{-1, false})) ==
        "found -1 (negative), expected an integer from 1 to 100000000");
  CHECK(why_not_raw(row("queue.drop_on_full"), RawValue(std::string("true"))) ==
        "found \"true\" (a string), expected true or false; write true");
  CHECK(why_not_raw(row("queue.size"), RawValue(true)) ==
        "found true (a boolean), expected an integer from 1 to 100000000");
  CHECK(why_not_raw(row("queue.size"), RawValue(RawTable{})) ==
        "found a table, expected an integer from 1 to 100000000");
  CHECK(why_not_raw(row("queue.size"), RawValue(RawOther{"a date"})) ==
        "found a date, expected an integer from 1 to 100000000");
  CHECK(why_not_raw(row(FileSinkSettings::type(), "mode"), RawValue(RawInteger{440, false})) ==
        "found 440 (a decimal number), expected permissions in octal such as \"0640\"");
  CHECK(
      value_from_raw(row(FileSinkSettings::type(), "mode"), RawValue(RawInteger{0640, true})).ok());
  CHECK(std::get<std::chrono::milliseconds>(
            value_from_raw(row("queue.wait"), RawValue(0.25)).value()) == 250ms);
  CHECK(std::get<std::chrono::milliseconds>(
            value_from_raw(row("queue.wait"), RawValue(RawInteger{2, false})).value()) == 2s);
  CHECK(why_not_raw(row("queue.wait"), RawValue(-0.5)).find("no positive number") !=
        std::string::npos);
  CHECK_FALSE(value_from_raw(row("queue.wait"), RawValue(1e300)).ok());
  CHECK_FALSE(value_from_raw(row("queue.wait"), RawValue(std::nan(""))).ok());
}

TEST_CASE("value: nothing of a secret stands in an error or in print", "[config]") {
  const Setting& password = row(LokiSinkSettings::type(), "password");
  CHECK(why_not_raw(password, RawValue(RawInteger{4711, false})) ==
        "found an integer, expected a text");
  CHECK(why_not_raw(password, RawValue(std::vector<std::string>{"geheim"})) ==
        "found an array, expected a text");
  CHECK(why_not(password, "") == "found an empty text, expected a text");
  CHECK(print_value(password, Value(std::string("geheim"))) == "\"***\"");
  CHECK(print_value(row(HttpSinkSettings::type(), "headers.X"), Value(std::string("geheim"))) ==
        "\"***\"");
}

TEST_CASE("value: a long text is cut before it is shown", "[config]") {
  const std::string message = why_not(row("input.format"), std::string(5000, 'x'));
  CHECK(message.size() < 200);
}

TEST_CASE("value: a long text is cut between two characters", "[config]") {
  for (const char* const before : {"", "x"}) {
    std::string text = before;
    for (int i = 0; i < 500; ++i) text += "\u00e9";
    const std::string message = why_not(row("input.format"), text);
    CAPTURE(message);
    CHECK(utf8_prefix(message, message.size()) == message);
    CHECK(message.find("\xC3...") == std::string::npos);
    CHECK(message.find("\u00e9...\"") != std::string::npos);
  }
}

TEST_CASE("value: a TOML string escapes what would end it or reach a terminal", "[config]") {
  CHECK(toml_string("a\"b\\c\n\x1b\x7f") == "\"a\\\"b\\\\c\\n\\u001b\\u007F\"");
  CHECK(toml_string("caf\xc3\xa9") == "\"caf\xc3\xa9\"");
  CHECK(toml_string("a\xff\x80z") == "\"a\xef\xbf\xbd\xef\xbf\xbdz\"");
}
