#pragma once

#include <chrono>
#include <csignal>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/secret.hpp"
#include "record/level.hpp"

namespace ship {

/// Validated settings: what config/ hands to the assembly. Every value is within its bounds, every
/// default is filled in (also those that depend on the input or the sink's type). Units are in the
/// types. Names follow the TOML keys of the settings table one to one.

enum class DropPolicy : std::uint8_t { newest, oldest };
enum class InputFormat : std::uint8_t { automatic, json, text };
enum class OnInvalid : std::uint8_t { wrap, drop, dead_letter };
enum class SpoolMode : std::uint8_t { overflow, durable };
enum class Compression : std::uint8_t { none, gzip, zstd };

struct InputSettings {
  /// Files in the order given; empty means standard input.
  std::vector<std::string> paths;
  /// Dead-letter files to send again; where there are any, nothing else is read.
  std::vector<std::string> dead_letters;
  InputFormat format = InputFormat::automatic;
  OnInvalid on_invalid = OnInvalid::wrap;
  std::uint64_t max_line_bytes = 1u << 20;
  bool multiline = true;
  std::string multiline_start;  ///< a regular expression; empty: the built-in rules
  std::chrono::milliseconds multiline_timeout{200};
  bool operator==(const InputSettings&) const = default;
};

struct QueueSettings {
  std::uint64_t size = 10000;
  std::uint64_t max_bytes = 64u << 20;
  bool drop_on_full = true;
  std::chrono::milliseconds wait{0};
  DropPolicy drop = DropPolicy::newest;
  std::vector<std::string> protected_levels = {"ERROR", "CRITICAL", "FATAL", "AUDIT", "SECURITY"};
  bool operator==(const QueueSettings&) const = default;
};

struct DeliverySettings {
  std::uint32_t workers = 1;
  std::uint32_t batch_size = 256;
  std::uint64_t batch_max_bytes = 1u << 20;
  std::chrono::milliseconds batch_timeout{250};
  std::chrono::milliseconds request_timeout{10000};
  std::chrono::milliseconds retry_base{500};
  std::chrono::milliseconds retry_max{30000};
  std::chrono::milliseconds retry_max_elapsed{0};
  std::chrono::milliseconds drain_timeout{8000};
  std::uint32_t breaker_failures = 5;  ///< failures in a row that open it; 0: no breaker
  std::chrono::milliseconds breaker_interval{10000};  ///< between probes while it is open
  bool operator==(const DeliverySettings&) const = default;
};

struct SpoolSettings {
  std::string dir;  ///< empty: no spool
  std::uint64_t max_bytes = 1ull << 30;
  SpoolMode mode = SpoolMode::overflow;
  bool operator==(const SpoolSettings&) const = default;
};

/// Keeps a share of the records, whole traces where they name one.
struct SampleSettings {
  double rate = 1;             ///< 0 to 1; 1: off
  std::string trace_id_field;  ///< a field path; empty: the usual places
  bool operator==(const SampleSettings&) const = default;
};

struct RateLimitSettings {
  double refill_rate_per_sec = 0;  ///< records; 0: off
  double capacity = 0;             ///< records that may come at once; 0: those of one second
  std::string key_field;           ///< a field path; empty: one limit for all
  std::uint32_t max_keys = 10000;
  bool operator==(const RateLimitSettings&) const = default;
};

/// Repeats of a record within the window become one record that tells how many they were.
struct DedupSettings {
  std::chrono::milliseconds window{0};  ///< 0: off
  std::vector<std::string> key_fields = {"level", "logger", "message", "msg", "event"};
  std::uint32_t max_keys = 10000;
  bool operator==(const DedupSettings&) const = default;
};

/// Samples at the rate that comes nearest to a number of records a second.
struct AdaptiveSettings {
  double target_eps = 0;  ///< records a second; 0: off
  double min_sample_rate = 0.01;
  double max_sample_rate = 1;
  std::chrono::milliseconds window{10000};  ///< how long a burst is remembered
  std::string trace_id_field;               ///< as in SampleSettings
  bool operator==(const AdaptiveSettings&) const = default;
};

/// What is chosen at the intake, or by a sink for itself. In this order.
struct FilterSettings {
  std::optional<Severity> min_level;
  std::string where;  ///< an expression; empty: all
  DedupSettings dedup;
  SampleSettings sample;
  RateLimitSettings rate_limit;
  AdaptiveSettings adaptive;
  /// Never left out by sample, rate_limit and adaptive.
  std::vector<std::string> always_pass_levels = {"ERROR", "CRITICAL", "FATAL", "AUDIT", "SECURITY"};
  bool operator==(const FilterSettings&) const = default;
};

enum class RedactAction : std::uint8_t { mask, partial, hash, remove };

/// What no sink, spool or dead letter may see.
struct RedactSettings {
  enum class OnError : std::uint8_t { drop, pass };
  std::vector<std::string> presets;  ///< names of presets or of single bundled patterns
  std::vector<std::string> fields;   ///< path patterns
  std::vector<std::pair<std::string, std::string>> patterns;  ///< the user's own: name and regex
  RedactAction action = RedactAction::mask;
  /// For single patterns, by name, and fields, as they stand in `fields`.
  std::vector<std::pair<std::string, RedactAction>> actions;
  std::string mask = "***";
  Secret hash_key;
  OnError on_error = OnError::drop;
  bool operator==(const RedactSettings&) const = default;
};

/// Fields that every record gets. Names are as fapilog has them.
struct EnrichSettings {
  /// Whose metadata service is asked for the machine; `automatic`: that of whose machine this is.
  enum class Cloud : std::uint8_t { none, automatic, aws, gcp, azure };
  bool runtime = false;                                     ///< service, env, version, host, pid
  bool kubernetes = false;                                  ///< k8s_pod, k8s_namespace, …
  bool container = false;                                   ///< container_id
  std::vector<std::pair<std::string, std::string>> fields;  ///< path and text
  std::vector<std::pair<std::string, std::string>> environment;  ///< path and variable
  std::string label_file;                                        ///< key="value" lines; empty: none
  Cloud cloud = Cloud::none;
  bool overwrite = false;

  bool empty() const {
    return !runtime && !kubernetes && !container && fields.empty() && environment.empty() &&
           label_file.empty() && cloud == Cloud::none;
  }
  bool operator==(const EnrichSettings&) const = default;
};

/// What the record looks like at the other end.
struct ShapeSettings {
  enum class Envelope : std::uint8_t { keep, unwrap, flatten };
  enum class Timestamp : std::uint8_t { keep, rfc3339, epoch_s, epoch_ms, epoch_us, epoch_ns };
  std::vector<std::string> keep;                            ///< path patterns; empty: all
  std::vector<std::string> remove;                          ///< path patterns
  std::vector<std::pair<std::string, std::string>> rename;  ///< path pattern and new name
  std::vector<std::pair<std::string, std::string>> levels;  ///< level and its new name
  Timestamp timestamp = Timestamp::keep;
  Envelope envelope = Envelope::keep;

  bool empty() const {
    return keep.empty() && remove.empty() && rename.empty() && levels.empty() &&
           timestamp == Timestamp::keep && envelope == Envelope::keep;
  }
  bool operator==(const ShapeSettings&) const = default;
};

struct SizeGuardSettings {
  enum class Action : std::uint8_t { truncate, drop };
  std::uint64_t max_bytes = 0;  ///< of a line; 0: off
  Action action = Action::truncate;
  bool operator==(const SizeGuardSettings&) const = default;
};

struct DeadLetterSettings {
  std::string path;  ///< empty: none
  bool operator==(const DeadLetterSettings&) const = default;
};

using Labels = std::vector<std::pair<std::string, std::string>>;

/// Common to every sink that speaks HTTP.
struct HttpTransport {
  std::string url;  ///< scheme://host:port/path, without user information
  Labels headers;
  std::string username;
  Secret password;
  Secret bearer_token;
  std::string token_scheme = "Bearer";  ///< what stands before the token in Authorization
  std::string ca_file;
  std::string cert_file;
  std::string key_file;
  bool tls_verify = true;
  std::string proxy;
  Compression compression = Compression::none;
  std::chrono::milliseconds request_timeout{10000};
  bool operator==(const HttpTransport&) const = default;
};

struct NullSinkSettings {
  bool operator==(const NullSinkSettings&) const = default;
};

struct StdoutSinkSettings {
  enum class Format : std::uint8_t { json, pretty, logfmt };
  enum class Color : std::uint8_t { automatic, always, never };
  enum class Time : std::uint8_t { local, utc };
  Format format = Format::json;
  Color color = Color::automatic;
  Time time = Time::local;  ///< of the pretty format
  bool operator==(const StdoutSinkSettings&) const = default;
};

struct FileSinkSettings {
  enum class Fsync : std::uint8_t { never, interval, always };
  std::string path;
  std::uint64_t rotate_size = 0;                 ///< bytes; 0: never by size
  std::chrono::milliseconds rotate_interval{0};  ///< 0: never by time
  std::uint32_t max_files = 0;                   ///< rotated files kept; 0: no limit
  std::uint64_t max_total_bytes = 0;             ///< of the rotated files; 0: no limit
  Compression compress = Compression::none;
  std::uint32_t mode = 0640;
  Fsync fsync = Fsync::never;
  bool operator==(const FileSinkSettings&) const = default;
};

struct HttpSinkSettings {
  enum class Body : std::uint8_t { ndjson, array, wrapped };
  HttpTransport transport;
  std::string method = "POST";
  Body body = Body::ndjson;
  std::string wrapper_key = "logs";
  Secret signing_secret;
  bool operator==(const HttpSinkSettings&) const = default;
};

struct LokiSinkSettings {
  enum class Encoding : std::uint8_t { protobuf, json };
  HttpTransport transport;
  Labels labels;
  std::vector<std::string> label_fields = {"level"};
  std::vector<std::string> structured_metadata;
  std::string tenant_id;
  Encoding encoding = Encoding::protobuf;
  std::uint32_t max_streams = 100;
  std::chrono::milliseconds max_age{0};  ///< older records are not sent; 0: no limit
  bool operator==(const LokiSinkSettings&) const = default;
};

/// How requests to AWS are signed. Where no keys are given, AwsCredentialSource finds them.
struct AwsSettings {
  std::string service;  ///< "logs", "es", "aoss"; empty: requests are not signed
  std::string region;
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token;
  std::string profile;
  bool operator==(const AwsSettings&) const = default;
};

struct ElasticsearchSinkSettings {
  enum class Op : std::uint8_t { create, index };
  HttpTransport transport;  ///< the cluster's own URL, without the index
  std::string index;        ///< text, strftime conversions and {field}
  Op op = Op::create;
  std::string id_field = "context.message_id";  ///< as FieldFinder looks it up
  Secret api_key;                               ///< base64 of "id:key"
  AwsSettings aws;
  bool operator==(const ElasticsearchSinkSettings&) const = default;
};

struct CloudwatchSinkSettings {
  HttpTransport transport;  ///< the endpoint's URL
  AwsSettings aws;
  std::string group;
  std::string stream = "{host}-{pid}";  ///< text, strftime conversions, {host}, {pid} and {field}
  bool create_group = true;
  bool create_stream = true;
  std::uint32_t retention_days = 0;  ///< of a group that is made; 0: for ever
  bool operator==(const CloudwatchSinkSettings&) const = default;
};

struct OtlpSinkSettings {
  HttpTransport transport;
  Labels resource_attributes;  ///< replace and add to the labels
  bool operator==(const OtlpSinkSettings&) const = default;
};

struct KafkaSinkSettings {
  std::string brokers;       ///< "b1:9092,b2:9092"
  std::string topic;         ///< text, strftime conversions and {field}
  std::string key_field;     ///< as FieldFinder looks it up; empty: no keys
  std::string acks = "all";  ///< "all" (and idempotent), "1", "0"
  std::string compression = "none";
  bool tls = false;
  std::string ca_file;
  std::string cert_file;
  std::string key_file;
  bool tls_verify = true;
  std::string username;
  Secret password;
  std::string sasl_mechanism = "PLAIN";
  Labels properties;  ///< of librdkafka, checked
  std::chrono::milliseconds request_timeout{10000};
  std::uint32_t batch_size = 256;  ///< as in DeliverySettings: what librdkafka may hold
  std::uint64_t batch_max_bytes = 1u << 20;
  bool operator==(const KafkaSinkSettings&) const = default;
};

struct SinkSettings {
  std::string name;  ///< unique
  QueueSettings queue;
  DeliverySettings delivery;
  SpoolSettings spool;
  FilterSettings filter;
  std::vector<std::string> levels;            ///< empty: all; else only these (routing)
  std::vector<std::string> levels_elsewhere;  ///< where `levels` catch all: what other sinks name
  std::string fallback;                       ///< empty, or another sink's name
  std::variant<NullSinkSettings, StdoutSinkSettings, FileSinkSettings, HttpSinkSettings,
               LokiSinkSettings, ElasticsearchSinkSettings, CloudwatchSinkSettings,
               OtlpSinkSettings, KafkaSinkSettings>
      kind;

  /// "null", "stdout", "loki" and so on: the type's name in the URL and in the statistics.
  std::string_view type() const;
  bool operator==(const SinkSettings&) const = default;
};

struct StatsSettings {
  enum class Format : std::uint8_t { text, json };
  Format format = Format::text;
  std::chrono::milliseconds interval{0};  ///< 0: off
  bool at_exit = false;
  std::string signal = "USR1";
  bool operator==(const StatsSettings&) const = default;
};

/// Where the run can be looked at.
struct ServerSettings {
  std::string listen;   ///< as ListenAddress reads it; empty: nowhere
  Secret bearer_token;  ///< empty: whoever reaches the address may look
  bool operator==(const ServerSettings&) const = default;
};

/// The command that is run as its input, and how; see README for the comparison with other inits.
struct ChildSettings {
  std::vector<std::string> command;    ///< program and arguments; empty: none is run
  std::chrono::milliseconds grace{0};  ///< from SIGTERM to SIGKILL; 0: no limit
  bool signal_child_only = false;      ///< signals go to the process, not to its group
  std::map<int, int> rewrite_signal;   ///< what comes in, what is passed on; 0: nothing
  std::vector<int> expect_exit;        ///< exit codes that count as 0
  int pdeathsig = SIGTERM;             ///< what it gets when the shipper dies; 0: nothing
  bool subreaper = false;
  bool operator==(const ChildSettings&) const = default;
};

struct Settings {
  std::string preset;  ///< empty: none
  InputSettings input;
  ChildSettings child;
  FilterSettings filter;
  EnrichSettings enrich;
  RedactSettings redact;
  ShapeSettings shape;
  SizeGuardSettings size_guard;
  Labels labels;
  DeadLetterSettings dead_letter;
  StatsSettings stats;
  ServerSettings server;
  std::vector<SinkSettings> sinks;  ///< at least one
  bool operator==(const Settings&) const = default;
};

}  // namespace ship
