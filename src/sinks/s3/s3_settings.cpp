#include "sinks/s3/s3_settings.hpp"

#include <array>
#include <malloc.h>
#include <unistd.h>

#include "net/aws/aws_credentials.hpp"
#include "net/aws/aws_signer.hpp"
#include "net/connection_rows.hpp"
#include "rows/member.hpp"
#include "sinks/s3/s3_key.hpp"
#include "sinks/s3/s3_sink.hpp"
#include "sinks/sink_environment.hpp"

namespace ship {
namespace {

std::string machine_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

/// The region that the AWS tools would take.
std::string region_or_default(const std::string& region) {
  if (!region.empty()) return region;
  for (const char* const name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (std::string found = environment_variable(name); !found.empty()) return found;
  }
  return "us-east-1";
}

/// Where the bucket's objects are. AWS has a host for each bucket, but its certificate is for one
/// label in front of the region's: a bucket with a dot in its name is a part of the path, as it is
/// with all other servers.
std::string address_of(const std::string& endpoint, const std::string& bucket,
                       const std::string& region) {
  if (!endpoint.empty()) {
    return endpoint + (endpoint.ends_with('/') ? "" : "/") + bucket + "/";
  }
  const std::string host =
      "s3." + region + (region.starts_with("cn-") ? ".amazonaws.com.cn" : ".amazonaws.com");
  return bucket.find('.') == std::string::npos ? "https://" + bucket + "." + host + "/"
                                               : "https://" + host + "/" + bucket + "/";
}

// clang-format off
constexpr auto kRows = section({.scope = Scope::sink}, {
    {.key = "prefix", .metavar = "TEXT", .sets = member<&S3SinkSettings::prefix>(),
     .example = "logs/shop",
     .help = "what each key begins with; in the URL what stands behind the bucket"},
    {.key = "key", .metavar = "PATTERN", .sets = member<&S3SinkSettings::key>(),
     .default_text = "%Y/%m/%d/{host}-%H%M%S",
     .help = "the key of an object: strftime of its first record's time (UTC), {host}, and labels "
             "in braces; the first record's identity, a checksum and the file's ending follow"},
    {.key = "object_size", .metavar = "SIZE", .sets = nowhere(SettingType::size),
     .example = "8 MB", .min = kKb, .max = 64 * kMb,
     .help = "bytes of lines in one object, before compression; at most an eighth of "
             "queue.max_bytes; the same as delivery.batch_max_bytes",
     .same_as = "delivery.batch_max_bytes"},
    {.key = "object_interval", .metavar = "DURATION", .sets = nowhere(SettingType::duration),
     .example = "5m", .max = kHour,
     .help = "how long an object may wait to become full; the same as delivery.batch_timeout",
     .same_as = "delivery.batch_timeout"},
    {.key = "compress",
     .sets = member<&S3SinkSettings::compress>({{"none", Compression::none}, {"gzip", Compression::gzip}, {"zstd", Compression::zstd}}),
     .default_text = "gzip", .help = "how objects are compressed; the key ends in .gz or .zst"},
    {.key = "endpoint_url", .metavar = "URL", .sets = member<&S3SinkSettings::endpoint_url>(),
     .example = "https://minio.example.com:9000",
     .help = "another server than AWS; the bucket becomes a part of the path"},
    {.key = "region", .metavar = "NAME",
     .sets = member<&S3SinkSettings::aws, &AwsSettings::region>(), .example = "eu-central-1",
     .help = "the bucket's region; without one AWS_REGION, AWS_DEFAULT_REGION, then us-east-1"},
});
// clang-format on

constexpr std::array<SinkDefault, 7> kDefaults = {{{"delivery.batch_max_bytes", "4 MB"},
                                                   {"delivery.batch_timeout", "1m"},
                                                   {"delivery.batch_size", "100000"},
                                                   {"delivery.max_in_flight", "4"},
                                                   {"delivery.request_timeout", "30s"},
                                                   {"queue.size", "1000000"},
                                                   {"spool.mode", "durable"}}};
/// The compressor, the connection, and what a spool's batch keeps between two objects.
constexpr std::uint64_t kWorkerBytes = 6u << 20;

/// Has glibc give each large buffer pages of its own, as it does at first: by default what is freed
/// once raises the bound, and what objects needed then stays with the process, in each thread.
void keep_no_large_buffers() {
#ifdef M_MMAP_THRESHOLD
  ::mallopt(M_MMAP_THRESHOLD, 256 * 1024);
#endif
}

}  // namespace

const SinkType& S3SinkSettings::type() {
  static const SinkType kType = describe_sink<S3SinkSettings>(
      {.name = "s3",
       .schemes = "s3",
       .form = UrlForm::name,
       .path_key = "prefix",
       .example = "s3://BUCKET/PREFIX",
       .help = "Amazon S3, or a server that speaks like it",
       .defaults = kDefaults,
       .takes_labels = true,
       .makes_objects = true,
       .worker_bytes = kWorkerBytes},
      {{kRows, part<S3SinkSettings>},
       {aws_key_rows(), part<S3SinkSettings, &S3SinkSettings::aws>},
       {http_header_rows(), part<S3SinkSettings, &S3SinkSettings::transport>},
       {http_connection_rows(), part<S3SinkSettings, &S3SinkSettings::transport>}});
  return kType;
}

void S3SinkSettings::complete(const SinkContext& context) {
  bucket = context.address;
  aws.service = "s3";
  aws.region = region_or_default(aws.region);
  transport.complete(address_of(endpoint_url, bucket, aws.region), context.request_timeout);
}

void S3SinkSettings::check(const SettingReport& report) const {
  transport.check(report);
  aws.check(report);
  if (const auto pattern = S3Key::parse(prefix, key); !pattern) {
    report("key", pattern.error().message);
  }
  // What stands behind the pattern, and names that are longer than their places, need room.
  constexpr std::size_t kMostPattern = 512;
  if (prefix.size() + key.size() > kMostPattern) {
    report(prefix.size() > key.size() ? "prefix" : "key",
           "prefix and key have " + std::to_string(prefix.size() + key.size()) +
               " bytes together, expected at most " + std::to_string(kMostPattern));
  }
  if (!endpoint_url.empty() && !endpoint_url.starts_with("http://") &&
      !endpoint_url.starts_with("https://")) {
    // It may hold a key, so it is not shown.
    report("endpoint_url", "found another text, expected http:// or https://");
  }
}

Result<std::unique_ptr<Sink>> S3SinkSettings::make(const Labels& labels,
                                                   const SinkEnvironment& environment) const {
  Result<S3Key> pattern = S3Key::parse(prefix, key);
  if (!pattern) return std::move(pattern).error().in("key");
  if (Result<void> known = pattern.value().set_names(machine_name(), labels); !known) {
    return std::move(known).error().in("key");
  }
  keep_no_large_buffers();
  // All headers of a request are signed, so the client adds none.
  S3SinkSettings settings = *this;
  settings.transport.headers.clear();
  Result<std::unique_ptr<HttpClient>> client = environment.make_http_client(settings.transport);
  if (!client) return std::move(client).error();
  return std::unique_ptr<Sink>(std::make_unique<S3Sink>(
      *this, std::move(pattern).value(), std::move(client).value(), environment.make_signer(aws)));
}

}  // namespace ship
