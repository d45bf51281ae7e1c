#include "process/supervisor.hpp"

#include <csignal>
#include <poll.h>
#include <string>
#include <sys/signalfd.h>
#include <unistd.h>

#include "tests/catch.hpp"
#include "tests/unit/fakes/manual_clock.hpp"

namespace ship {
namespace {

using std::chrono::milliseconds;

// Blocks what a supervisor wants blocked, and puts all of it right again; one at a time.
class BlockedSignals {
 public:
  BlockedSignals() : inherited(InheritedSignals::capture()) {
    std::signal(SIGCHLD, SIG_DFL);
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    news_ = Fd(signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK));
  }
  ~BlockedSignals() {
    drop();
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  void wait() const {
    pollfd entry{news_.get(), POLLIN, 0};
    REQUIRE(::poll(&entry, 1, 60'000) == 1);
    drop();
  }

  InheritedSignals inherited;

 private:
  void drop() const {
    signalfd_siginfo info;
    while (::read(news_.get(), &info, sizeof info) > 0) {
    }
  }

  sigset_t before_{};
  Fd news_;
};

struct Run {
  explicit Run(const std::string& script, ChildSettings child = {}) {
    child.command = {"/bin/sh", "-c", script};
    auto opened = ChildPipes::open();
    REQUIRE(opened.ok());
    pipes = std::move(opened).value();
    auto started =
        Supervisor::start(child, pipes, signals.inherited, clock,
                          [this](LogLevel, std::string message) { said += message + "\n"; });
    REQUIRE(started.ok());
    supervisor = std::move(started).value();
  }
  ~Run() {
    if (!supervisor->ended()) ::kill(-supervisor->pid(), SIGKILL);
    end();
  }

  // The next line of the command's output.
  std::string line() const {
    std::string text;
    for (char c = 0; ::read(pipes.output_read.get(), &c, 1) == 1 && c != '\n';) text += c;
    return text;
  }
  int end() {
    while (!supervisor->ended()) {
      signals.wait();
      supervisor->on_child_signal();
    }
    return supervisor->exit_code();
  }

  BlockedSignals signals;
  ManualClock clock;
  std::string said;
  ChildPipes pipes;
  std::unique_ptr<Supervisor> supervisor;
};

TEST_CASE("supervisor: the exit code is the command's own", "[supervisor]") {
  Run run("exit 7");
  CHECK(run.end() == 7);
  CHECK(run.said.empty());
}

TEST_CASE("supervisor: an expected code counts as success", "[supervisor]") {
  ChildSettings child;
  child.expect_exit = {7, 143};
  CHECK(Run("exit 7", child).end() == 0);
  CHECK(Run("kill -TERM $$", child).end() == 0);
  CHECK(Run("exit 8", child).end() == 8);
}

TEST_CASE("supervisor: a death that nobody asked for is told, one that was asked for is not",
          "[supervisor]") {
  {
    Run killed("kill -KILL $$");
    CHECK(killed.end() == 128 + SIGKILL);
    CHECK(killed.said.find("SIGKILL; if nobody sent that, the system was out of memory") !=
          std::string::npos);
  }
  Run asked("echo ready; exec sleep 1000");
  CHECK(asked.line() == "ready");
  asked.supervisor->on_signal(SIGTERM);
  CHECK(asked.end() == 128 + SIGTERM);
  CHECK(asked.said.empty());
}

TEST_CASE("supervisor: a rewritten signal comes as the other, one kept back does not come",
          "[supervisor]") {
  ChildSettings child;
  child.rewrite_signal = {{SIGTERM, SIGUSR1}, {SIGHUP, 0}};
  Run run("trap 'exit 4' USR1; trap 'exit 5' TERM HUP; echo ready; while :; do sleep 0.01; done",
          child);
  CHECK(run.line() == "ready");
  run.supervisor->on_signal(SIGHUP);
  run.supervisor->on_signal(SIGTERM);
  CHECK(run.end() == 4);
}

TEST_CASE("supervisor: the grace counts from the first request and ends in a kill",
          "[supervisor]") {
  ChildSettings child;
  child.grace = milliseconds(1000);
  Run run("trap '' TERM; echo ready; exec sleep 1000", child);
  CHECK(run.line() == "ready");
  CHECK_FALSE(run.supervisor->deadline().has_value());
  run.supervisor->on_signal(SIGTERM);
  const auto deadline = run.supervisor->deadline();
  REQUIRE(deadline.has_value());
  CHECK(*deadline == run.clock.steady() + milliseconds(1000));
  run.clock.advance(milliseconds(999));
  run.supervisor->on_signal(SIGTERM);
  CHECK(run.supervisor->deadline() == deadline);
  run.supervisor->on_deadline();
  CHECK(run.said.empty());
  run.clock.advance(milliseconds(1));
  run.supervisor->on_deadline();
  CHECK(run.end() == 128 + SIGKILL);
  CHECK(run.said.find("did not end within the grace of 1000 ms") != std::string::npos);
  CHECK_FALSE(run.supervisor->deadline().has_value());
}

TEST_CASE("supervisor: without a grace it says once that it waits for a command that goes on",
          "[supervisor]") {
  Run run("trap '' INT; echo ready; exec sleep 1000");
  CHECK(run.line() == "ready");
  run.supervisor->on_signal(SIGINT);
  run.clock.advance(milliseconds(999));
  run.supervisor->on_deadline();
  CHECK(run.said.empty());
  run.clock.advance(milliseconds(1));
  CHECK(run.supervisor->deadline() == run.clock.steady());
  run.supervisor->on_deadline();
  const std::string said = "passed SIGINT to '/bin/sh'; waiting for it to end (no --grace)\n";
  CHECK(run.said == said);
  run.supervisor->on_signal(SIGINT);
  CHECK_FALSE(run.supervisor->deadline().has_value());
  run.clock.advance(milliseconds(5000));
  run.supervisor->on_deadline();
  CHECK(run.said == said);
}

TEST_CASE("supervisor: other signals do not start the grace", "[supervisor]") {
  ChildSettings child;
  child.grace = milliseconds(1000);
  Run run("trap '' USR2; echo ready; exec sleep 1000", child);
  CHECK(run.line() == "ready");
  run.supervisor->on_signal(SIGUSR2);
  CHECK_FALSE(run.supervisor->deadline().has_value());
}

TEST_CASE("supervisor: what the command leaves in its group is asked to end", "[supervisor]") {
  Run run(
      "(trap 'echo asked; exit' TERM; echo ready; while :; do sleep 0.01; done) & "
      "exec sleep 1000");
  CHECK(run.line() == "ready");
  ::kill(run.supervisor->pid(), SIGKILL);
  CHECK(run.end() == 128 + SIGKILL);
  CHECK(run.line() == "asked");
}

TEST_CASE("supervisor: a command that cannot be run has the code that shells give it",
          "[supervisor]") {
  BlockedSignals signals;
  ManualClock clock;
  for (const auto& [program, code] :
       {std::pair<const char*, int>{"/no/such/program", 127}, {"/etc/passwd", 126}, {"/", 126}}) {
    ChildSettings child;
    child.command = {program};
    auto pipes = ChildPipes::open();
    REQUIRE(pipes.ok());
    const auto started = Supervisor::start(child, pipes.value(), signals.inherited, clock, {});
    REQUIRE_FALSE(started.ok());
    CHECK(exit_code_of(started.error()) == code);
    CHECK(started.error().message.find(program) != std::string::npos);
  }
}

}  // namespace
}  // namespace ship
