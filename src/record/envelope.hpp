#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/clock.hpp"
#include "record/record.hpp"

namespace ship {

/// Which stream of the application a line came from. It is recorded but decides nothing: standard
/// error is not only for errors.
enum class Stream : std::uint8_t { standard_output, standard_error };

/// Puts text that is not a JSON object into fapilog's envelope, schema 1.1, the way the library
/// writes it: compact, keys sorted, the text as `message`, `diagnostics.origin` "third_party",
/// `diagnostics.stream`. A text that was cut carries `_original_size` and `_truncated` at the root,
/// where fapilog's size_guard puts them. Not thread-safe: one for each reader.
class Envelope {
 public:
  /// What is wrapped. `text` is any bytes: ill-formed UTF-8 becomes U+FFFD, control characters are
  /// escaped.
  struct Content {
    std::string_view text;
    std::uint64_t original_size = 0;  ///< bytes of the line before it was cut; 0: not cut
    WallNanos time = 0;               ///< the envelope's timestamp, written in ms
    Level level;                      ///< written as its canonical text
    Stream stream = Stream::standard_output;
    std::string_view data = "{}";  ///< the fields in the text, a JSON object
  };

  /// Message ids are random UUIDs (version 4, RFC 9562) from a generator seeded by the kernel.
  Envelope();
  /// Generates the same ids in each run; for tests.
  explicit Envelope(std::uint64_t seed);

  /// The most room that `write` needs for a text of `text_bytes` and data of `data_bytes`.
  static std::size_t max_size(std::size_t text_bytes, std::size_t data_bytes = 2);

  /// Writes the envelope at `out`, which has `max_size` bytes of room and does not overlap the
  /// text; returns its record. The record's line is a view of `out`.
  Record write(char* out, const Content& content);

  /// The next message id, for envelopes written elsewhere.
  std::array<char, 36> message_id();

 private:
  std::uint64_t random();

  std::array<std::uint64_t, 4> state_{};
};

}  // namespace ship
