#include "assembly/input_loop.hpp"

#include <filesystem>
#include <fstream>
#include <unistd.h>

#include "sinks/file/file_settings.hpp"
#include "tests/catch.hpp"
#include "tests/unit/fakes/temporary_directory.hpp"

using namespace ship;

namespace {

Settings reading(const std::string& input, const std::string& output) {
  Settings settings;
  settings.input.paths = {input};
  SinkSettings sink;
  sink.name = "file";
  FileSinkSettings file;
  file.path = output;
  sink.kind = file;
  settings.sinks = {sink};
  return settings;
}

}  // namespace

TEST_CASE("loop: an input that is its own output is refused, whatever it is called", "[loop]") {
  const TemporaryDirectory directory;
  const std::string a = directory.path() + "/a";
  const std::string b = directory.path() + "/b";
  std::ofstream(a) << "x\n";
  std::ofstream(b) << "y\n";
  std::filesystem::create_hard_link(a, directory.path() + "/hard");
  std::filesystem::create_symlink(a, directory.path() + "/soft");

  const auto found = check_for_loop(reading(a, a));
  REQUIRE_FALSE(found.ok());
  CHECK(found.error().kind == ErrorKind::config);
  CHECK(found.error().message ==
        "input " + a +
            " is the same file as the output of sink file: it would be read and written without "
            "end");
  CHECK_FALSE(check_for_loop(reading(directory.path() + "/./a", a)).ok());
  CHECK_FALSE(check_for_loop(reading(a, directory.path() + "/hard")).ok());
  CHECK_FALSE(check_for_loop(reading(directory.path() + "/soft", a)).ok());

  CHECK(check_for_loop(reading(a, b)).ok());
  CHECK(check_for_loop(reading(a, directory.path() + "/new")).ok());
  CHECK(check_for_loop(reading("/dev/null", "/dev/null")).ok());

  Settings letters = reading(a, b);
  letters.dead_letter.path = a;
  CHECK_FALSE(check_for_loop(letters).ok());
  Settings command = reading(a, a);
  command.child.command = {"true"};
  CHECK(check_for_loop(command).ok());
}
