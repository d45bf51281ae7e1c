#include "cli/standard_streams.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace ship {

void keep_standard_streams_taken() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    // The lowest free number is `fd`: those below are taken. Opened the wrong way round, it fails
    // as a closed one would.
    [[maybe_unused]] const int taken = ::open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
  }
}

}  // namespace ship
