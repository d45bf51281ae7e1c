#include "stats/input_voice.hpp"

#include <string>

#include "tests/catch.hpp"

namespace ship {
namespace {

// One input that listens, and what is said of it.
struct HeardInput {
  HeardInput() {
    input.name = "unix:/run/a.sock";
    input.type = "unix";
    input.connections.emplace();
  }
  std::string at(double now) {
    StatsSnapshot snapshot;
    snapshot.uptime_seconds = now;
    snapshot.inputs = {input};
    std::string said;
    for (const Voice::Line& line : voice.hear(snapshot)) said += line.text + "\n";
    return said;
  }
  InputReport input;
  InputVoice voice;
};

TEST_CASE("input voice: where it listens is said once, of inputs that many write to", "[stats]") {
  HeardInput heard;
  CHECK(heard.at(0) == "listening on unix:/run/a.sock\n");
  CHECK(heard.at(1).empty());
  HeardInput pipe;
  pipe.input.type = "pipe";
  pipe.input.connections.reset();
  CHECK(pipe.at(0).empty());
}

TEST_CASE("input voice: what is refused or cut is said at once, then once a minute with the total",
          "[stats]") {
  HeardInput heard;
  heard.at(0);
  heard.input.connections->refused = 3;
  heard.input.cut = 1;
  const std::string said = heard.at(1);
  CHECK(said.find("3 connections closed at once so far") != std::string::npos);
  CHECK(said.find("1 line cut so far") != std::string::npos);
  heard.input.connections->refused = 5;
  CHECK(heard.at(30).empty());
  CHECK(heard.at(62).find("5 connections closed") != std::string::npos);
  CHECK(heard.at(200).empty());
}

TEST_CASE("input voice: a path that was gone is said each time, trouble once a minute", "[stats]") {
  HeardInput heard;
  heard.at(0);
  heard.input.remade = 1;
  CHECK(heard.at(1).find("is there again") != std::string::npos);
  CHECK(heard.at(2).empty());
  heard.input.trouble = "cannot accept a connection: Too many open files";
  CHECK(heard.at(3) ==
        "input unix:/run/a.sock: cannot accept a connection: Too many open files; trying again\n");
  heard.input.trouble.clear();
  CHECK(heard.at(4).empty());
  heard.input.trouble = "cannot accept a connection: Too many open files";
  CHECK(heard.at(5).empty());
  heard.input.trouble.clear();
  CHECK(heard.at(70).empty());
  heard.input.trouble = "cannot accept a connection: Too many open files";
  CHECK_FALSE(heard.at(71).empty());
}

}  // namespace
}  // namespace ship
