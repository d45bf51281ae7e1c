#include "input/shared_input.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <utility>

#include "input/activated_sockets.hpp"
#include "input/source.hpp"

namespace ship {

bool SharedInput::is_one(const std::string& path, const InputSettings& settings) {
  if (InputAddress::is_one(path)) return true;
  if (settings.fifo == FifoEnd::end || path == "-") return false;
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return settings.fifo == FifoEnd::make && errno == ENOENT;
  return S_ISFIFO(found.st_mode);
}

Result<std::unique_ptr<SharedInput>> SharedInput::open(const std::string& path,
                                                       const Intake::Options& intake,
                                                       const Intake::OnRecords& on_records,
                                                       const Intake::OnInvalidLine& on_invalid_line,
                                                       Clock& clock) {
  std::unique_ptr<SharedInput> input(new SharedInput(intake, on_records, on_invalid_line, clock));
  input->report_.name = path;
  if (!InputAddress::is_one(path)) {
    input->fifo_ = true;
    input->path_ = path;
    input->report_.type = "fifo";
    if (auto made = input->remake(); !made) return std::move(made).error();
    return input;
  }
  auto address = InputAddress::parse(path);
  if (!address) return std::move(address).error().in("input " + path);
  if (auto opened = input->open_address(address.value()); !opened) {
    return std::move(opened).error();
  }
  return input;
}

Result<void> SharedInput::open_address(const InputAddress& address) {
  address_ = address;
  report_.connections.emplace();
  if (address.kind == InputAddress::Kind::systemd) {
    report_.type = "systemd";
    auto sockets = take_activated_sockets(address.name);
    if (!sockets) return std::move(sockets).error();
    for (ActivatedSocket& socket : sockets.value()) {
      if (socket.fifo) {
        fifos_.push_back(std::move(socket.fd));
      } else {
        listeners_.push_back(SocketListener::adopt(std::move(socket.fd)));
      }
    }
    return {};
  }
  auto listener = SocketListener::open(address, rights());
  if (!listener) return std::move(listener).error();
  path_ = listener.value().path();
  report_.type = path_.empty() ? "tcp" : "unix";
  report_.name = listener.value().address().text();
  listeners_.push_back(std::move(listener).value());
  return {};
}

PathRights SharedInput::rights() const {
  return {settings_.socket_mode, settings_.socket_owner, settings_.socket_group};
}

bool SharedInput::reachable() const {
  if (path_.empty()) return true;
  if (fifo_) return PathIdentity::of(path_) == fifo_identity_;
  return listeners_.back().reachable();
}

Result<void> SharedInput::remake() {
  if (!fifo_) {
    auto listener = SocketListener::open(address_, rights());
    if (!listener) return std::move(listener).error();
    listeners_.push_back(std::move(listener).value());
    return {};
  }
  if (settings_.fifo == FifoEnd::make) {
    if (::mkfifo(path_.c_str(), 0600) == 0) {
      if (auto given = give_rights(path_, rights()); !given) return std::move(given).error();
    } else if (errno != EEXIST) {
      return Error{ErrorKind::io,
                   "input " + path_ + ": cannot make a FIFO: " + std::strerror(errno) +
                       (errno == ENOENT ? "; its directory must exist" : ""),
                   errno};
    }
  }
  auto fifo = open_fifo();
  if (!fifo) return std::move(fifo).error();
  fifos_.push_back(std::move(fifo).value());
  return {};
}

Result<Fd> SharedInput::open_fifo() {
  Fd fd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat found {};
  if (!fd || ::fstat(fd.get(), &found) != 0) {
    return Error{ErrorKind::io, "input " + path_ + ": cannot open: " + std::strerror(errno), errno};
  }
  if (!S_ISFIFO(found.st_mode)) {
    return Error{ErrorKind::io, "input " + path_ + ": is not a FIFO any more"};
  }
  ::fcntl(fd.get(), F_SETPIPE_SZ, Source::kPipeBytes);
  fifo_identity_ = {found.st_dev, found.st_ino};
  return fd;
}

void SharedInput::note(const std::function<void(InputReport&)>& change) {
  const std::lock_guard lock(mutex_);
  change(report_);
}

InputReport SharedInput::report() const {
  const std::lock_guard lock(mutex_);
  InputReport report = report_;
  report.counts = intake_.counts();
  return report;
}

}  // namespace ship
