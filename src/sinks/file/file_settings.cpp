#include "sinks/file/file_settings.hpp"

#include "rows/member.hpp"
#include "sinks/file/file_seal.hpp"
#include "sinks/file/file_sink.hpp"
#include "sinks/sink_environment.hpp"

namespace ship {
namespace {

using Fsync = FileSinkSettings::Fsync;

// clang-format off
constexpr auto kRows = section({.scope = Scope::sink}, {
    {.key = "rotate_size", .metavar = "SIZE",
     .sets = member<&FileSinkSettings::rotate_size>(SettingType::size), .default_text = "0",
     .max = kTb, .help = "start a new file when this one would grow larger; 0 is never"},
    {.key = "rotate_interval", .metavar = "DURATION",
     .sets = member<&FileSinkSettings::rotate_interval>(), .default_text = "0ms", .max = 365 * kDay,
     .help = "start a new file this often; 0 is never"},
    {.key = "max_files", .metavar = "N", .sets = member<&FileSinkSettings::max_files>(),
     .default_text = "0", .max = 1'000'000, .help = "rotated files to keep; 0 is all"},
    {.key = "max_total_bytes", .metavar = "SIZE",
     .sets = member<&FileSinkSettings::max_total_bytes>(SettingType::size), .default_text = "0",
     .max = 1024 * kTb, .help = "bytes of rotated files to keep; 0 is all"},
    {.key = "compress",
     .sets = member<&FileSinkSettings::compress>({{"none", Compression::none}, {"gzip", Compression::gzip}, {"zstd", Compression::zstd}}),
     .default_text = "none", .help = "compress rotated files"},
    {.key = "mode", .sets = member<&FileSinkSettings::mode>(SettingType::mode),
     .default_text = "0640", .max = 0777, .help = "permissions of new files, in octal"},
    {.key = "fsync",
     .sets = member<&FileSinkSettings::fsync>({{"never", Fsync::never}, {"interval", Fsync::interval}, {"always", Fsync::always}}),
     .default_text = "never", .help = "when to force written records to disk"},
    {.key = "seal", .sets = member<&FileSinkSettings::seal>(), .default_text = "false",
     .help = "write a chain of hashes next to each file, PATH.seal, for verify to check"},
    {.key = "seal_key_file", .metavar = "FILE",
     .sets = member<&FileSinkSettings::seal_key_file>(SettingType::path),
     .example = "/etc/fapilog-ship/seal.pem",
     .help = "the Ed25519 private key that signs the seal"},
    {.key = "anchor", .metavar = "NAME", .sets = member<&FileSinkSettings::anchor>(),
     .example = "loki",
     .help = "the sink that gets the root of each sealed file as a record, out of reach of this disk"},
});
// clang-format on

}  // namespace

const SinkType& FileSinkSettings::type() {
  static const SinkType kType = describe_sink<FileSinkSettings>(
      {.name = "file",
       .schemes = "file",
       .form = UrlForm::path,
       .example = "file:///var/log/app.ndjson",
       .help = "a file, with rotation; file:NAME is relative to the working directory",
       .defaults = kLocalDefaults,
       .local = true,
       .one_worker = true},
      {{kRows, part<FileSinkSettings>}});
  return kType;
}

void FileSinkSettings::check(const SettingReport& report) const {
  if (seal && seal_key_file.empty()) {
    report("seal", "found true without a seal_key_file: name the Ed25519 private key that signs");
  }
  if (!seal && !seal_key_file.empty()) report("seal_key_file", "needs seal = true");
  if (!seal && !anchor.empty()) report("anchor", "needs seal = true");
}

void FileSinkSettings::complete(const SinkContext& context) { path = context.address; }

Result<std::unique_ptr<Sink>> FileSinkSettings::make(const Labels&,
                                                     const SinkEnvironment& environment) const {
  std::unique_ptr<FileSeal> file_seal;
  if (seal) {
    auto key = Ed25519Key::read_private(seal_key_file);
    if (!key) {
      return Error{ErrorKind::config, "seal_key_file: " + std::move(key).error().message};
    }
    file_seal = std::make_unique<FileSeal>(*this, std::move(key).value(), environment);
  }
  return {std::make_unique<FileSink>(*this, *environment.files, *environment.clock, environment.log,
                                     std::move(file_seal))};
}

}  // namespace ship
