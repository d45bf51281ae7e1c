#pragma once

#include <cassert>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace ship {

/// What went wrong, decided where the failure happens. Code that retries looks at the kind, never
/// the text.
///   usage      the command line cannot be understood (exit 64)
///   config     a setting is wrong (exit 78)
///   io         reading or writing failed for good (exit 74)
///   transient  may work if tried again later
///   permanent  will fail in the same way each time
///   corrupt    stored bytes are not what was written
enum class ErrorKind { usage, config, io, transient, permanent, corrupt };

/// A failure, with a message that a tired engineer understands: what was found, where, what to do.
/// Context is added on the way up with `in()`.
struct [[nodiscard]] Error {
  ErrorKind kind = ErrorKind::io;
  std::string message;
  /// The errno if a system call failed, else 0. For statistics and messages; decisions are based on
  /// the kind.
  int code = 0;

  /// The same error prefixed with `where` and a colon: "rotate: rename a to b: No space left".
  Error in(std::string_view where) && {
    message.insert(0, std::string(where) + ": ");
    return std::move(*this);
  }
};

/// A value or an Error. Both sides are owned. Accessing the wrong side is a programming error.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}      // NOLINT: implicit by design
  Result(Error error) : state_(std::move(error)) {}  // NOLINT: implicit by design

  bool ok() const { return std::holds_alternative<T>(state_); }
  explicit operator bool() const { return ok(); }

  T& value() & {
    assert(ok());
    return std::get<T>(state_);
  }
  const T& value() const& {
    assert(ok());
    return std::get<T>(state_);
  }
  T&& value() && {
    assert(ok());
    return std::get<T>(std::move(state_));
  }
  const Error& error() const& {
    assert(!ok());
    return std::get<Error>(state_);
  }
  Error&& error() && {
    assert(!ok());
    return std::get<Error>(std::move(state_));
  }

 private:
  std::variant<T, Error> state_;
};

/// Success without a value, or an Error. `return {};` is success.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit by design

  bool ok() const { return !error_; }
  explicit operator bool() const { return ok(); }
  const Error& error() const& {
    assert(error_);
    return *error_;
  }
  Error&& error() && {
    assert(error_);
    return *std::move(error_);
  }

 private:
  std::optional<Error> error_;
};

}  // namespace ship
