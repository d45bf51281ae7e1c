#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ship {

/// What a destination's answer means for the records that were sent. A sink only classifies;
/// delivery/, which knows no protocol, decides what to do about it (wait, split, dead letter).
///
///   ok       all records are stored
///   retry    none is known to be stored; try all of them again later
///   reject   none is stored and none ever will be
///   partial  the records in `items` were not stored, the others were; never resend the whole batch
///   split    nothing is stored, the batch as a whole was refused: halve it to find out why
///   hold     the operator must act (credentials, a missing index): keep everything, back off long
struct Verdict {
  enum class Kind : std::uint8_t { ok, retry, reject, partial, split, hold };

  /// What an answer says about the destination as a whole, for the backoff and the breaker. `good`:
  /// it works, whatever it says about these records; `throttling`: it works but asks us to slow
  /// down; `unknown`: the attempt was interrupted before there was an answer.
  enum class Health : std::uint8_t { good, throttling, failing, needs_operator, unknown };

  /// One record that a `partial` answer names.
  struct Item {
    std::uint32_t index = 0;  ///< position in the span that was sent
    bool retry = false;       ///< true: send this one again; false: refused for good
    int status = 0;
    std::string reason;
    /// Refused because another record had the same id, which the settings take from the record.
    bool duplicate = false;
  };

  Kind kind = Kind::ok;
  /// The protocol's status code (HTTP), or errno for files, or 0.
  int status = 0;
  /// For people: what the server said, shortened to a line. Goes to last_error and to the dead
  /// letter.
  std::string reason;
  /// The wait that Retry-After asked for, from now.
  std::optional<std::chrono::milliseconds> retry_after;
  /// `partial` only: ascending by index.
  std::vector<Item> items;
  /// `partial` only: how many more the server refused for good without naming them.
  std::uint32_t unnamed_rejections = 0;
  /// Bytes sent on the wire or to the file, after compression.
  std::uint64_t bytes_sent = 0;

  Health health() const;
  /// Whether the server said so: with 429, of the whole or of one of `items`.
  bool is_rate_limited() const;

  static Verdict of(Kind kind, int status, std::string reason) {
    Verdict verdict;
    verdict.kind = kind;
    verdict.status = status;
    verdict.reason = std::move(reason);
    return verdict;
  }
};

inline Verdict::Health Verdict::health() const {
  switch (kind) {
    case Kind::ok:
    case Kind::reject:
    case Kind::split:
      return Health::good;
    case Kind::partial:
      return std::any_of(items.begin(), items.end(), [](const Item& item) { return item.retry; })
                 ? Health::throttling
                 : Health::good;
    case Kind::retry:
      return status == 429 ? Health::throttling : Health::failing;
    case Kind::hold:
      return Health::needs_operator;
  }
  return Health::failing;
}

inline bool Verdict::is_rate_limited() const {
  constexpr int kTooManyRequests = 429;
  if (kind == Kind::retry) return status == kTooManyRequests;
  return std::any_of(items.begin(), items.end(), [](const Item& item) {
    return item.retry && item.status == kTooManyRequests;
  });
}

}  // namespace ship
