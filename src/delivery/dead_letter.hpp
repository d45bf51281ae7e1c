#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "record/identity.hpp"

namespace ship {

/// A record that a sink refused for good, and why. Holds views; whoever hands it out names their
/// owner.
struct DeadLetter {
  std::string_view sink;    ///< its name; empty: an input line that no sink ever saw
  int status = 0;           ///< the protocol's; 0: none
  std::string_view reason;  ///< for people: what the server said
  std::string_view record;  ///< any bytes but newlines, as they would have been sent
  RecordId id = {};         ///< the record's; none: unknown
};

/// The same, read back; owns its text.
struct StoredDeadLetter {
  WallNanos at = 0;  ///< when it was written
  std::string sink;
  int status = 0;
  std::string reason;
  std::string record;
  RecordId id;  ///< none: an older version wrote it
};

/// Appends one line, with its newline:
///   {"at":"2026-11-22T09:09:09.624Z","sink":"loki","id":"…","status":400,"reason":"…","record":"…"}
/// A record that is not valid UTF-8 has U+FFFD there, and its bytes in base64 as "record_base64".
void append_dead_letter(std::string& out, WallNanos at, const DeadLetter& letter);

/// Reads one such line, without its newline. False: it is not a dead letter, and `into` is
/// unspecified. Skips unknown keys. Not for the hot path.
bool parse_dead_letter(std::string_view line, StoredDeadLetter& into);

}  // namespace ship
