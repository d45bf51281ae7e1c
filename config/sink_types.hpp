#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace ship {

/// The destinations that the contract names, those to come included.
enum class SinkType : std::uint8_t {
  stdout_,
  file,
  http,
  loki,
  elasticsearch,
  cloudwatch,
  otlp,
  kafka,
  null
};

/// A set of sink types, one bit for each.
using SinkTypes = std::uint32_t;
constexpr SinkTypes operator|(SinkType a, SinkType b) {
  return (SinkTypes{1} << static_cast<unsigned>(a)) | (SinkTypes{1} << static_cast<unsigned>(b));
}
constexpr SinkTypes operator|(SinkTypes set, SinkType type) {
  return set | (SinkTypes{1} << static_cast<unsigned>(type));
}
constexpr SinkTypes only(SinkType type) { return SinkTypes{0} | type; }
constexpr bool contains(SinkTypes set, SinkType type) {
  return (set >> static_cast<unsigned>(type) & 1u) != 0;
}

/// How a sink's URL is built, behind its scheme.
///   nothing    `null:`
///   path       `file:///absolute` or `file:relative`
///   http       `http://[user@]host[:port][/path]`, with the type and a plus in front of the scheme
///   http_with_index  the same; the last part of the path is the setting `index`
///   log_group  `cloudwatch://REGION/GROUP/STREAM`: what stands behind the last slash is the
///   setting
///              `stream`, what stands between the first and the last `group`, slashes included
///   brokers    `kafka://[user@]host[:port],host[:port]/TOPIC`; the path is the setting `topic`
enum class UrlForm : std::uint8_t { nothing, path, http, http_with_index, log_group, brokers };

/// One destination: how it is named in URLs, help and statistics.
struct SinkTypeRow {
  SinkType type;
  std::string_view name;     ///< in URLs, as the default sink name and in the statistics
  std::string_view schemes;  ///< "loki+http|loki+https"
  UrlForm form;
  std::string_view example;  ///< for --help and error messages
  std::string_view help;
  bool local = false;   ///< writes at once: large batches, no batch timeout
  bool absent = false;  ///< not in this build: what it needs was not found
};

/// Every type, in the order of --help. Lives for ever.
std::span<const SinkTypeRow> sink_types();

const SinkTypeRow& sink_type(SinkType type);

/// The type of a URL's scheme, null where there is none.
const SinkTypeRow* find_scheme(std::string_view scheme);

}  // namespace ship
