#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "rows/setting.hpp"

namespace ship {

enum class InputFormat : std::uint8_t { automatic, json, text };
enum class Unwrap : std::uint8_t { none, docker, cri, journald, automatic };
/// Where a followed file is begun: where the checkpoint says, and where it says nothing at the file's
/// beginning; at the end of what is there at the start and unknown; or all at the beginning.
enum class FollowStart : std::uint8_t { checkpoint, end, beginning };
/// What the end of a FIFO's last writer means: the end of the input, or nothing; and whether a FIFO
/// that is not there is made.
enum class FifoEnd : std::uint8_t { end, keep, make };
enum class OnInvalid : std::uint8_t { wrap, drop, dead_letter };

struct InputSettings {
  /// Files in the order given, and addresses to listen on; empty means standard input.
  std::vector<std::string> paths;
  bool follow = false;     ///< `paths` are files and patterns that grow
  std::string checkpoint;  ///< how far they were shipped; empty: nowhere
  FollowStart start = FollowStart::checkpoint;
  /// Dead-letter files to send again; where there are any, nothing else is read.
  std::vector<std::string> dead_letters;
  InputFormat format = InputFormat::automatic;
  OnInvalid on_invalid = OnInvalid::wrap;
  std::uint64_t max_line_bytes = 1u << 20;
  bool multiline = true;
  std::string multiline_start;  ///< a regular expression; empty: the built-in rules
  std::chrono::milliseconds multiline_timeout{200};
  std::vector<std::string> level_fields;  ///< dotted paths, tried before those of the dialects
  std::vector<std::string> time_fields;
  std::vector<std::string> message_fields;
  Unwrap unwrap = Unwrap::none;     ///< the platform whose envelopes are stripped
  bool level_from_text = true;      ///< look for level and time in plain text
  std::string time_zone = "local";  ///< of times that name none, as TimeZone::parse reads it
  FifoEnd fifo = FifoEnd::end;
  std::uint32_t socket_mode = 0660;  ///< of a Unix socket, and of a FIFO that is made
  std::string socket_owner;          ///< a name or a number; empty: whoever runs the shipper
  std::string socket_group;
  std::uint64_t max_connections = 1024;       ///< of all sockets together
  std::uint64_t pending_bytes = 8u << 20;     ///< held of all connections' unfinished lines
  std::chrono::milliseconds idle_timeout{0};  ///< of a connection; 0: none
  bool operator==(const InputSettings&) const = default;
};

/// Their rows, in the order of --help.
std::span<const Setting> input_rows();

}  // namespace ship
