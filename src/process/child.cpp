#include "process/child.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.hpp"

namespace ship {
namespace {

constexpr int kFirstOwnDescriptor = STDERR_FILENO + 1;

/// All that the new process needs, made before the fork: nothing may allocate after it.
struct Launch {
  std::vector<char*> arguments;  ///< null at the end
  int output = -1;
  int error = -1;
  int failure = -1;  ///< where to write the errno of an exec that failed
  int death_signal = 0;
  pid_t parent = 0;
  bool take_terminal = false;
};

// Moved above the standard descriptors, which may be closed.
Fd above_standard(int fd) {
  if (fd >= kFirstOwnDescriptor || fd < 0) return Fd(fd);
  Fd moved(::fcntl(fd, F_DUPFD_CLOEXEC, kFirstOwnDescriptor));
  ::close(fd);
  return moved;
}

Result<void> open_pipe(Fd& read_end, Fd& write_end) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    return system_error("cannot make a pipe for the command", errno);
  read_end = above_standard(ends[0]);
  write_end = above_standard(ends[1]);
  if (!read_end || !write_end) return system_error("cannot make a pipe for the command", errno);
  return {};
}

// Runs in the new process, where only async-signal-safe calls are allowed: other threads may have
// held any lock.
[[noreturn]] void become(const Launch& launch, const InheritedSignals& inherited,
                         const Terminal& terminal) {
  ::setpgid(0, 0);
  // Done here and not in the parent: the program must not run before it may use the terminal.
  // SIGTTOU is blocked.
  if (launch.take_terminal) terminal.give_to(::getpid());
  if (launch.death_signal != 0) {
    ::prctl(PR_SET_PDEATHSIG, launch.death_signal);
    // The parent may have died before that. Its id reads as 0 from inside another PID namespace.
    const pid_t parent = ::getppid();
    if (parent != launch.parent && parent != 0) ::_exit(128 + launch.death_signal);
  }
  int code = 0;
  if (::dup2(launch.output, STDOUT_FILENO) < 0 || ::dup2(launch.error, STDERR_FILENO) < 0) {
    code = errno;
  } else {
    inherited.restore();
    ::execvp(launch.arguments[0], launch.arguments.data());
    code = errno;
  }
  static_cast<void>(!::write(launch.failure, &code, sizeof code));
  ::_exit(127);
}

// 0 once the program runs, else the errno of the failure.
int wait_for_exec(int failure) {
  int code = 0;
  while (true) {
    const ssize_t got = ::read(failure, &code, sizeof code);
    if (got < 0 && errno == EINTR) continue;
    return got == static_cast<ssize_t>(sizeof code) ? code : 0;
  }
}

bool names_a_file(const std::string& program) {
  return program.find('/') != std::string::npos && ::access(program.c_str(), F_OK) == 0;
}

Error exec_error(const std::string& program, int code) {
  std::string message = "cannot run '" + program + "': ";
  if (code != ENOENT) {
    message += std::strerror(code);
  } else if (names_a_file(program)) {
    // As shells do; distinguishes it from a missing program.
    code = ENOEXEC;
    message += "the file is there, but the interpreter or loader that it names is not";
  } else if (program.find('/') != std::string::npos) {
    message += "no such file";
  } else {
    message += "not found in PATH";
  }
  return {ErrorKind::permanent, message, code};
}

}  // namespace

Result<ChildPipes> ChildPipes::open() {
  ChildPipes pipes;
  if (auto opened = open_pipe(pipes.output_read, pipes.output_write); !opened) {
    return std::move(opened).error();
  }
  if (auto opened = open_pipe(pipes.error_read, pipes.error_write); !opened) {
    return std::move(opened).error();
  }
  return pipes;
}

Result<pid_t> spawn_child(const ChildPlan& plan, ChildPipes& pipes,
                          const InheritedSignals& inherited, const Terminal& terminal) {
  Fd failure_read;
  Fd failure_write;
  if (auto opened = open_pipe(failure_read, failure_write); !opened)
    return std::move(opened).error();

  Launch launch;
  for (const std::string& argument : plan.command) {
    launch.arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  launch.arguments.push_back(nullptr);
  launch.output = pipes.output_write.get();
  launch.error = pipes.error_write.get();
  launch.failure = failure_write.get();
  launch.death_signal = plan.death_signal;
  launch.parent = ::getpid();
  // If a shell runs this process in the background, the shell keeps its terminal.
  launch.take_terminal = terminal.exists() && terminal.foreground() == ::getpgrp();

  const pid_t pid = ::fork();
  if (pid == 0) become(launch, inherited, terminal);
  if (pid < 0) {
    Error error = system_error("cannot start '" + plan.command.front() + "'", errno);
    error.kind = ErrorKind::transient;
    return error;
  }
  failure_write.reset();
  pipes.output_write.reset();
  pipes.error_write.reset();
  const int code = wait_for_exec(failure_read.get());
  if (code == 0) return pid;
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  if (launch.take_terminal) terminal.give_to(::getpgrp());
  return exec_error(plan.command.front(), code);
}

int exit_code_of(const Error& spawn_error) { return spawn_error.code == ENOENT ? 127 : 126; }

}  // namespace ship
