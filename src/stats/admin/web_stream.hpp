#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/result.hpp"

namespace ship {

/// The body of an answer that goes on until its reader or the server ends. Used by the server's
/// thread alone, which it must not hold up.
class WebStream {
 public:
  virtual ~WebStream() = default;
  /// Writes what there is into `room`; how many bytes. 0: nothing at the moment.
  virtual std::size_t read(std::span<char> room) = 0;
  /// `read` may have something. It is asked all the same once a second.
  virtual bool has_news() const = 0;
};

/// What somebody wants to see of the records that pass.
struct TapRequest {
  bool before_stages = true;  ///< as they are submitted; else as sinks get them
  bool raw = false;           ///< before the redaction as well
  std::string sink;           ///< behind the stages; empty: all sinks
  std::string where;          ///< an expression; empty: all records
};

/// Opens a tap, called on the server's thread. Errors: config, what was asked for does not exist;
/// transient, there are too many.
using TapSource = std::function<Result<std::unique_ptr<WebStream>>(const TapRequest&)>;

}  // namespace ship
