#pragma once

#include <fcntl.h>
#include <string_view>
#include <unistd.h>

#include "base/fd.hpp"
#include "tests/catch.hpp"

namespace ship {

/// Both ends of a pipe; either may be moved away or reset.
struct Pipe {
  Pipe() {
    int ends[2];
    REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
    read = Fd(ends[0]);
    write = Fd(ends[1]);
  }
  void put(std::string_view text) const {
    REQUIRE(::write(write.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }
  Fd read;
  Fd write;
};

}  // namespace ship
