#include "cli/options.hpp"

#include "tests/catch.hpp"

using namespace ship;

namespace {

Result<CommandLine> parsed(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "fapilog-ship");
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

/// "flag=text" for each flag, in order.
std::vector<std::string> flags(std::vector<const char*> arguments) {
  const Result<CommandLine> line = parsed(std::move(arguments));
  if (!line) return {line.error().message};
  std::vector<std::string> texts;
  for (const GivenFlag& flag : line.value().flags) {
    texts.push_back(std::string(flag.setting->flag) + "=" + flag.text);
  }
  return texts;
}

std::string error(std::vector<const char*> arguments) {
  const Result<CommandLine> line = parsed(std::move(arguments));
  if (line) return "no error";
  CHECK(line.error().kind == ErrorKind::usage);
  return line.error().message;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("options: flags are kept in their order, in all spellings", "[cli]") {
  CHECK(flags({"--queue-size", "5", "--queue-size=6", "-s", "null:", "-sstdout:", "-qv"}) ==
        Texts{"queue-size=5", "queue-size=6", "sink=null:", "sink=stdout:", "quiet=true",
              "verbose=true"});
  CHECK(flags({"--drop-on-full", "--no-drop-on-full"}) ==
        Texts{"drop-on-full=true", "drop-on-full=false"});
  CHECK(flags({"--label", "a=b", "--label", "c=d,e"}) == Texts{"label=a=b", "label=c=d,e"});
  CHECK(flags({"--sink", "http://h?a=[1]&b={x}"}) == Texts{"sink=http://h?a=[1]&b={x}"});
  CHECK(flags({"--protected-levels", ""}) == Texts{"protected-levels="});
}

TEST_CASE("options: one --input takes all files that follow", "[cli]") {
  CHECK(flags({"--input", "a", "b", "-i", "c", "-v"}) ==
        Texts{"input=a", "input=b", "input=c", "verbose=true"});
}

TEST_CASE("options: a command stands first", "[cli]") {
  CHECK(parsed({"check", "--queue-size", "5"}).value().command == Command::check);
  CHECK(parsed({"check", "--connect"}).value().connect);
  CHECK(parsed({"completions", "bash"}).value().arguments == Texts{"bash"});
  CHECK(parsed({"replay", "a", "b"}).value().arguments == Texts{"a", "b"});
  CHECK(parsed({"top"}).value().command == Command::top);
  CHECK(parsed({}).value().command == Command::run);
  CHECK(parsed({"--print-config"}).value().command == Command::print_config);
  CHECK(parsed({"--version"}).value().command == Command::version);
  CHECK(parsed({"--version", "-h"}).value().command == Command::help);
  CHECK(parsed({"check", "--help"}).value().command == Command::help);
  CHECK(parsed({"version"}).value().command == Command::version);
  CHECK(parsed({"-V"}).value().command == Command::version);
  CHECK(parsed({"health", "--url", "unix:/run/s"}).value().url == "unix:/run/s");
}

TEST_CASE("options: what stands behind two dashes is the command to run, untouched", "[cli]") {
  const CommandLine line = parsed({"-q", "--", "app", "--queue-size", "--", "-x"}).value();
  CHECK(line.child == Texts{"app", "--queue-size", "--", "-x"});
  CHECK(line.flags.size() == 1);
  CHECK(error({"--"}) == "no command after --; see fapilog-ship --help");
  CHECK(error({"check", "--", "app"}) ==
        "check takes no command after --; see fapilog-ship --help");
}

TEST_CASE("options: a command may stand behind options", "[cli]") {
  const CommandLine line = parsed({"--queue-size", "5", "replay", "-q", "dead.ndjson"}).value();
  CHECK(line.command == Command::replay);
  CHECK(line.arguments == Texts{"dead.ndjson"});
  CHECK(parsed({"--connect", "check"}).value().connect);
  CHECK(error({"check", "replay"}).find("unexpected argument \"replay\"") == 0);
  CHECK(error({"-q", "check", "--", "app"}).find("check takes no command after --") == 0);
}

TEST_CASE("options: what cannot be understood is named, with what was meant", "[cli]") {
  CHECK(error({"--queue-siz", "5"}) ==
        "unknown option --queue-siz; did you mean \"--queue-size\"? See fapilog-ship --help");
  CHECK(error({"--no-drop"}).find("unknown option --no-drop; did you mean") == 0);
  CHECK(error({"-x"}).find("unknown option -x") == 0);
  CHECK(error({"--password=geheim"}).find("geheim") == std::string::npos);
  CHECK(error({"--queue-size"}) == "--queue-size needs a value (N); see fapilog-ship --help");
  CHECK(error({"--queue-size", "-q"}) ==
        "--queue-size needs a value (N), found the option -q; see fapilog-ship --help");
  CHECK(error({"-s"}) == "--sink needs a value (URL); see fapilog-ship --help");
  CHECK(error({"chekc"}).find("unexpected argument \"chekc\"; did you mean \"check\"?") == 0);
  CHECK(error({"app", "arg"}).find("a command to run after --") != std::string::npos);
  CHECK(error({"explain", "x"}) ==
        "unexpected argument \"explain\"; write: fapilog-ship check --explain 'LINE'; see "
        "fapilog-ship --help");
  for (const char* word : {"run", "validate", "test", "status", "start"}) {
    CHECK(error({word}).find("fapilog-ship ") != error({word}).find("fapilog-ship --help"));
  }
  CHECK(error({"--connect"}) == "--connect goes with check only; see fapilog-ship --help");
  CHECK(error({"--quiet=maybe"}).find("see fapilog-ship --help") != std::string::npos);
}

TEST_CASE("options: -h is short, --help is all, and a command has a help of its own", "[cli]") {
  CHECK(parsed({"-h"}).value().brief);
  CHECK_FALSE(parsed({"--help"}).value().brief);
  CHECK_FALSE(parsed({"-h", "--help"}).value().brief);
  CHECK(parsed({"help"}).value().arguments.empty());
  CHECK(parsed({"help", "check"}).value().arguments == Texts{"check"});
  CHECK(parsed({"check", "--help"}).value().arguments == Texts{"check"});
  CHECK(parsed({"verify", "-h"}).value().arguments == Texts{"verify"});
  CHECK(error({"help", "chekc"}).find("did you mean \"check\"?") != std::string::npos);
}

TEST_CASE("options: words without a command are files to read", "[cli]") {
  CHECK(flags({"app.log", "-q", "/var/log/b", "*.json"}) ==
        Texts{"quiet=true", "input=app.log", "input=/var/log/b", "input=*.json"});
  CHECK(error({"python", "app.py"}).find("put a command to run after --") != std::string::npos);
  CHECK(error({"/bin/sh"}).find("is a program; run it with: fapilog-ship -- /bin/sh") !=
        std::string::npos);
  CHECK(error({"app.log", "--", "app"}).find("unexpected argument \"app.log\"") == 0);
  const std::string url = error({"loki+http://user:geheim@loki:3100"});
  CHECK(url.find("after --sink") != std::string::npos);
  CHECK(url.find("geheim") == std::string::npos);
}

TEST_CASE("options: words behind check are configurations, or lines to explain", "[cli]") {
  CHECK(flags({"check", "a.toml", "b.toml"}) == Texts{"config=a.toml", "config=b.toml"});
  CHECK(flags({"check", "a.toml", "--explain"}) == Texts{"config=a.toml"});
  CHECK(parsed({"check", "--explain", "{\"a\":1}", "text"}).value().arguments ==
        Texts{"{\"a\":1}", "text"});
}

TEST_CASE("options: one of ours behind the two dashes is no command", "[cli]") {
  CHECK(error({"--", "--sink", "null:", "app"}).find("found the option --sink after --") == 0);
  CHECK(error({"--", "--password=geheim"}).find("geheim") == std::string::npos);
}

TEST_CASE("options: a flag of some commands goes with no other", "[cli]") {
  CHECK(error({"check", "--url", "x"}).find("--url goes with top, tap and health only") == 0);
  CHECK(error({"--seal-key-file", "x"}).find("--seal-key-file goes with verify only") == 0);
}
