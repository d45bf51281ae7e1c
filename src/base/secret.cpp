#include "base/secret.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>

#include "base/fd.hpp"

namespace ship {

Secret Secret::literal(std::string value) {
  Secret secret;
  secret.value_ = std::move(value);
  return secret;
}

Secret Secret::from_file(std::string path) {
  Secret secret;
  secret.path_ = std::move(path);
  return secret;
}

Result<std::string> Secret::reveal() const {
  if (path_.empty()) return value_;
  constexpr std::size_t kMaxSecretBytes = 64 * 1024;
  Fd fd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) {
    return Error{ErrorKind::config,
                 "cannot read the secret in " + path_ + ": " + std::strerror(errno)};
  }
  std::string text(kMaxSecretBytes + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t n = ::read(fd.get(), text.data() + size, text.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      return Error{ErrorKind::config,
                   "cannot read the secret in " + path_ + ": " + std::strerror(errno)};
    }
    if (n == 0) break;
    size += static_cast<std::size_t>(n);
  }
  if (size > kMaxSecretBytes) {
    return Error{ErrorKind::config, "the secret in " + path_ + " is larger than 64 KB"};
  }
  text.resize(size);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  if (text.empty()) return Error{ErrorKind::config, "the secret in " + path_ + " is empty"};
  return text;
}

}  // namespace ship
