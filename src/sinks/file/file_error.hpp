#pragma once

#include <string>

#include "base/result.hpp"

namespace ship {

/// Adds to the error of opening or writing the file at `path` what to do about it. An error whose
/// code says nothing stays as it is.
Error with_file_advice(Error error, const std::string& path);

}  // namespace ship
