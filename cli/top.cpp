#include "cli/top.hpp"

#include <array>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <mutex>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <thread>
#include <unistd.h>

#include "base/event.hpp"
#include "base/fd.hpp"
#include "base/parked_thread.hpp"
#include "cli/admin_client.hpp"
#include "cli/load_command_line.hpp"
#include "cli/top_screen.hpp"

namespace ship {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kInterval{1000};
constexpr int kOurSignals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGTSTP};
constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?25l\x1b[?7l";
constexpr std::string_view kLeave = "\x1b[?7h\x1b[?25h\x1b[?1049l";

void write_all(std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(STDOUT_FILENO, text.data(), text.size());
    if (n < 0 && errno != EINTR) return;
    if (n > 0) text.remove_prefix(static_cast<std::size_t>(n));
  }
}

/// The terminal while it shows a picture; restores it when destroyed.
class Picture {
 public:
  Picture() { enter(); }
  ~Picture() { leave(); }
  Picture(const Picture&) = delete;
  Picture& operator=(const Picture&) = delete;

  void enter() {
    ::tcgetattr(STDIN_FILENO, &before_);
    termios raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    write_all(kEnter);
  }
  void leave() {
    write_all(kLeave);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  }
  /// One write, so that no half of it is ever seen.
  void show(const std::string& frame) { write_all("\x1b[?2026h\x1b[H" + frame + "\x1b[?2026l"); }

 private:
  termios before_{};
};

TopTerminal terminal_now() {
  TopTerminal terminal;
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
    terminal.columns = size.ws_col;
    terminal.rows = size.ws_row;
  }
  const char* no_color = std::getenv("NO_COLOR");
  terminal.color = no_color == nullptr || *no_color == '\0';
  terminal.unicode = false;
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    terminal.unicode = std::strstr(value, "UTF-8") != nullptr ||
                       std::strstr(value, "utf8") != nullptr ||
                       std::strstr(value, "UTF8") != nullptr;
    break;
  }
  return terminal;
}

/// Asks once a second, on its own thread, so that keys and signals never wait for an answer.
class Asker {
 public:
  Asker(AdminClient client, ParkedThread thread)
      : client_(std::move(client)), thread_(std::move(thread)) {
    view_.url = client_.shown();
  }
  ~Asker() {
    stop_.request_stop();
    thread_.join();
  }
  Asker(const Asker&) = delete;
  Asker& operator=(const Asker&) = delete;

  void start() {
    thread_.run([this] { run(stop_.get_token()); });
  }

  /// Readable when there is something new.
  int fd() const { return news_.fd(); }
  TopView view() {
    news_.clear();
    const std::lock_guard lock(mutex_);
    return view_;
  }

 private:
  void run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      look(stop);
      news_.set();
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, stop, kInterval, [] { return false; });
    }
  }

  void look(const std::stop_token& stop) {
    const auto answer = client_.get("/stats", stop);
    auto stats = answer ? TopStats::parse(answer.value()) : std::nullopt;
    if (!stats) {
      trouble(answer ? "what answers at " + client_.shown() + " is not fapilog-ship"
                     : answer.error().message);
      return;
    }
    TopHistory history;
    {
      const std::lock_guard lock(mutex_);
      history = view_.history;
    }
    const bool anew = history.add(*stats) || was_away_;
    if (anew) {
      const auto past = client_.get("/history", stop);
      if (past) history.take(past.value());
      history.add(*stats);
    }
    was_away_ = false;
    away_since_.clear();
    const std::lock_guard lock(mutex_);
    view_.stats = std::move(stats);
    view_.history = std::move(history);
    view_.trouble.clear();
  }

  void trouble(const std::string& what) {
    if (away_since_.empty()) {
      const std::time_t now = std::time(nullptr);
      std::tm local{};
      char text[16];
      ::localtime_r(&now, &local);
      std::strftime(text, sizeof text, "%H:%M:%S", &local);
      away_since_ = text;
    }
    was_away_ = true;
    const std::lock_guard lock(mutex_);
    view_.trouble = "trying again since " + away_since_ + ": " + what;
  }

  AdminClient client_;
  const Event news_;
  bool was_away_ = true;
  std::string away_since_;  ///< the time of day when it stopped answering; empty: it answers
  std::mutex mutex_;
  std::condition_variable_any changed_;
  TopView view_;
  std::stop_source stop_;
  ParkedThread thread_;
};

class Top {
 public:
  explicit Top(Asker& asker) : asker_(asker) {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : kOurSignals) sigaddset(&set, number);
    signals_ = Fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  }

  /// Returns the signal that ended it, or 0.
  int run() {
    Picture picture;
    while (!ended_) {
      picture.show(top_frame(asker_.view(), terminal_now()));
      wait(picture);
    }
    return ended_by_;
  }

 private:
  void wait(Picture& picture) {
    std::array<pollfd, 3> events = {
        {{STDIN_FILENO, POLLIN, 0}, {signals_.get(), POLLIN, 0}, {asker_.fd(), POLLIN, 0}}};
    if (::poll(events.data(), events.size(), -1) < 0) return;
    if (events[0].revents != 0) take_keys();
    signalfd_siginfo info{};
    while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
      take_signal(static_cast<int>(info.ssi_signo), picture);
    }
  }

  void take_keys() {
    std::array<char, 64> keys{};
    const ssize_t n = ::read(STDIN_FILENO, keys.data(), keys.size());
    if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN)) ended_ = true;
    for (ssize_t i = 0; i < n; ++i) {
      if (keys[static_cast<std::size_t>(i)] == 'q' || keys[static_cast<std::size_t>(i)] == 'Q') {
        ended_ = true;
      }
    }
  }

  void take_signal(int number, Picture& picture) {
    if (number == SIGWINCH) return;
    if (number == SIGTSTP) {
      picture.leave();
      ::raise(SIGSTOP);
      picture.enter();
      return;
    }
    ended_ = true;
    if (number != SIGINT) ended_by_ = number;
  }

  Asker& asker_;
  Fd signals_;
  bool ended_ = false;
  int ended_by_ = 0;
};

/// Call before any thread starts, because threads inherit it.
void block_our_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : kOurSignals) sigaddset(&set, number);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

}  // namespace

Result<ExitCode> run_top(const CommandLine& line, Diagnostics& diagnostics) {
  const LoadOutcome outcome = load_and_report(line, diagnostics);
  if (!outcome.settings) return Error{ErrorKind::config, ""};
  auto client = AdminClient::make(line.url, outcome.settings->server);
  if (!client) return std::move(client).error();
  if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDOUT_FILENO) == 0) {
    return Error{
        ErrorKind::usage,
        "top draws on a terminal, and standard input or output is none; the same as JSON: " +
            client.value().as_curl("/stats")};
  }
  block_our_signals();
  auto thread = ParkedThread::make();
  if (!thread) return std::move(thread).error();
  int signal = 0;
  {
    Asker asker(std::move(client).value(), std::move(thread).value());
    asker.start();
    signal = Top(asker).run();
  }
  if (signal == 0) return ExitCode::ok;
  return static_cast<ExitCode>(128 + signal);
}

}  // namespace ship
