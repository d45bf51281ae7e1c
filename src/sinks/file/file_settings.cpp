#include "sinks/file/file_settings.hpp"

#include "rows/member.hpp"
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

void FileSinkSettings::complete(const SinkContext& context) { path = context.address; }

Result<std::unique_ptr<Sink>> FileSinkSettings::make(const Labels&,
                                                     const SinkEnvironment& environment) const {
  return {
      std::make_unique<FileSink>(*this, *environment.files, *environment.clock, environment.log)};
}

}  // namespace ship
