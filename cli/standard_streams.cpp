#include "cli/standard_streams.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace ship {

void keep_standard_streams_taken() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    // The lowest free number is `fd`: those below are taken. An O_PATH descriptor fails as a closed
    // one would, yet can be distinguished from an open one.
    [[maybe_unused]] const int taken = ::open("/", O_PATH);
  }
}

}  // namespace ship
