#include "process/terminal.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace ship {

Terminal Terminal::controlling() {
  Terminal terminal;
  Fd fd(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  // A container may lack the device and still have the terminal as its standard input.
  if (!fd && ::tcgetpgrp(STDIN_FILENO) >= 0) fd = Fd(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
  // Standard input may be closed; the terminal must not take its place for the command.
  if (fd && fd.get() < 3) fd = Fd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 3));
  if (fd && ::tcgetpgrp(fd.get()) >= 0) terminal.fd_ = std::move(fd);
  return terminal;
}

pid_t Terminal::foreground() const { return fd_ ? ::tcgetpgrp(fd_.get()) : -1; }

bool Terminal::give_to(pid_t group) const { return fd_ && ::tcsetpgrp(fd_.get(), group) == 0; }

}  // namespace ship
