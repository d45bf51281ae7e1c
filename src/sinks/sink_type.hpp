#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "rows/labels.hpp"
#include "rows/setting.hpp"

namespace ship {

class Sink;
struct SinkEnvironment;

/// How a sink's URL is built, after its scheme.
///   nothing    `null:`
///   path       `file:///absolute` or `file:relative`
///   http       `http://[user@]host[:port][/path]`, with the type and a plus before the scheme
///   hosts      `kafka://[user@]host[:port],host[:port]/PART`
///   database   `postgres://[user@][host[:port],host[:port]][/PART]`
///   log_group  `cloudwatch://REGION/GROUP/STREAM`: what stands behind the last slash is the
///   setting
///              `stream`, what stands between the first and the last `group`, slashes included
///   name       `datadog://NAME`, `gcp://NAME/PART`: with a path_key, all after the first slash
///   peer       `[type+]tcp://host[:port]`, the same with tls and udp, `[type+]unix:PATH`, and http as
///   above; without a type in front of the scheme there must be a port
/// With a `path_key` the last part of the path is the setting of that name.
enum class UrlForm : std::uint8_t { nothing, path, http, hosts, database, log_group, name, peer };

/// The default of a shared setting for one type of sink.
struct SinkDefault {
  std::string_view key;
  std::string_view text;
};

/// For local sinks, which write at once: large batches without a wait, in order.
inline constexpr std::array<SinkDefault, 5> kLocalDefaults = {{{"delivery.workers", "1"},
                                                               {"delivery.order", "keep"},
                                                               {"delivery.batch_size", "4096"},
                                                               {"delivery.batch_max_bytes", "1 MB"},
                                                               {"delivery.batch_timeout", "0ms"}}};

/// What a sink takes from its URL and its delivery settings.
struct SinkContext {
  std::string address;  ///< see SinkUrl
  std::chrono::milliseconds request_timeout{10000};
  std::uint32_t batch_size = 256;
  std::uint64_t batch_max_bytes = 1u << 20;
};

/// Everything about one destination: its name in URLs, help and statistics, its settings, and how
/// it is made. Each is in its destination's folder; sink_types() lists them. describe_sink adds
/// what it does with its settings.
struct SinkType {
  std::string_view name;          ///< in URLs, as the default sink name and in the statistics
  std::string_view schemes = {};  ///< "loki+http|loki+https"
  UrlForm form = UrlForm::nothing;
  std::string_view path_key = {};
  std::string_view example = {};  ///< for --help and error messages
  std::string_view help = {};
  std::string_view absent = {};  ///< why this build does not have it; empty: it does
  /// Defaults that differ from the rows' own, to suit what the receiver accepts.
  std::span<const SinkDefault> defaults = {};
  bool local = false;               ///< shared settings for remote sinks do not apply
  bool one_worker = false;          ///< so that lines stay in order
  bool to_standard_output = false;  ///< lost when nobody reads that
  bool takes_labels = false;        ///< those for every sink
  /// Each batch is an object of its own, see Sink::object_name: with a spool a batch that was begun
  /// comes again with the same records.
  bool makes_objects = false;
  std::uint64_t worker_bytes = 0;  ///< memory of each worker, beside its batch
  std::uint64_t record_bytes = 0;  ///< the same, for each record of a batch
  std::vector<Setting> rows = {};  ///< the keys that it has beside those of every sink

  /// Its own default for a shared setting; empty: the row's.
  std::string_view default_of(std::string_view key) const;

  std::shared_ptr<void> (*create)() = nullptr;
  bool (*equal)(const void* a, const void* b) = nullptr;
  void (*complete)(void* settings, const SinkContext& context) = nullptr;
  void (*check)(const void* settings, const SettingReport& report) = nullptr;
  std::string_view (*anchor)(const void* settings) = nullptr;
  std::vector<std::string> (*remarks)(const void* settings, const Labels& labels) = nullptr;
  Result<std::unique_ptr<Sink>> (*make)(const void* settings, const Labels& labels,
                                        const SinkEnvironment& environment) = nullptr;
};

/// The type whose settings are an `S`. It has `static const SinkType& type()` and
///   make      a sink for one worker, see SinkKind::make
///   complete  takes what the URL and the delivery tell; where there is no such member, nothing
///   anchor    the name of the sink that gets its notes (see Sink::take_notes); no such member: none
///   check     reports what its rows alone cannot tell; called before `complete`
///   remarks   what is right and may still surprise, for `check`: a label that is sent under another
///             name; no such member: nothing
template <class S>
SinkType describe_sink(SinkType type, const std::vector<RowsOf>& rows) {
  for (const RowsOf& part : rows) {
    for (Setting row : part.rows) {
      row.in_destination = part.part;
      type.rows.push_back(row);
    }
  }
  type.create = [] { return std::shared_ptr<void>(std::make_shared<S>()); };
  type.equal = [](const void* a, const void* b) {
    return *static_cast<const S*>(a) == *static_cast<const S*>(b);
  };
  type.complete = [](void* settings, const SinkContext& context) {
    if constexpr (requires(S s) { s.complete(context); }) {
      static_cast<S*>(settings)->complete(context);
    }
  };
  type.check = [](const void* settings, const SettingReport& report) {
    if constexpr (requires(const S s) { s.check(report); }) {
      static_cast<const S*>(settings)->check(report);
    }
  };
  type.anchor = [](const void* settings) -> std::string_view {
    if constexpr (requires(const S s) { s.anchor; }) return static_cast<const S*>(settings)->anchor;
    static_cast<void>(settings);
    return {};
  };
  type.remarks = [](const void* settings, const Labels& labels) -> std::vector<std::string> {
    if constexpr (requires(const S s) { s.remarks(labels); }) {
      return static_cast<const S*>(settings)->remarks(labels);
    }
    static_cast<void>(settings), static_cast<void>(labels);
    return {};
  };
  type.make = [](const void* settings, const Labels& labels, const SinkEnvironment& environment) {
    return static_cast<const S*>(settings)->make(labels, environment);
  };
  return type;
}

}  // namespace ship
