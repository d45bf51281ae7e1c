#include "spool/spool.hpp"

#include <algorithm>
#include <utility>

#include "base/percent.hpp"
#include "spool/spool_directory.hpp"
#include "spool/spool_reader.hpp"
#include "spool/spool_recovery.hpp"
#include "spool/spool_table.hpp"
#include "spool/spool_writer.hpp"

namespace ship {
namespace {

constexpr std::uint64_t kMinSegment = 64 * 1024;
constexpr std::uint64_t kMaxSegment = 16 * 1024 * 1024;

std::uint64_t segment_bytes(const SpoolOptions& options) {
  if (options.segment_bytes != 0) return std::min<std::uint64_t>(options.segment_bytes, 1u << 30);
  return std::clamp(options.max_bytes / 256, kMinSegment, kMaxSegment);
}

}  // namespace

struct Spool::State {
  State(Files& files, SpoolOptions options, SpoolDirectory directory, bool read_only)
      : table(files, std::move(options), std::move(directory), read_only), reader(table) {}

  SpoolTable table;
  SpoolReader reader;
  std::unique_ptr<SpoolWriter> writer;  ///< null: read-only
};

Spool::Spool(std::unique_ptr<State> state) : state_(std::move(state)) {}
Spool::~Spool() = default;

Result<Spool::Opened> Spool::open(Files& files, SpoolOptions options) {
  options.segment_bytes = segment_bytes(options);
  return open_directory(files, std::move(options), false);
}

Result<Spool::Opened> Spool::open_read_only(Files& files, const std::string& directory) {
  SpoolOptions options;
  options.directory = directory;
  return open_directory(files, std::move(options), true);
}

Result<Spool::Opened> Spool::open_directory(Files& files, SpoolOptions options, bool read_only) {
  auto directory = SpoolDirectory::open(files, options.directory, read_only);
  if (!directory) return std::move(directory).error();
  auto state =
      std::make_unique<State>(files, std::move(options), std::move(directory).value(), read_only);
  Opened opened;
  std::vector<SpoolClaimName> claims;
  const auto found = recover_spool(state->table, claims, opened.report.messages);
  if (!found) return found.error();
  std::uint64_t next_id = found.value();
  if (!read_only) {
    state->reader.adopt_claims(std::move(claims), next_id, opened.report.messages);
    state->writer = std::make_unique<SpoolWriter>(state->table, state->reader, next_id);
  }
  opened.report.counts = state->table.counts;
  opened.spool.reset(new Spool(std::move(state)));
  return opened;
}

SpoolAppend Spool::append(std::span<const SpoolRecord> records) {
  if (state_->writer) return state_->writer->append(records);
  SpoolAppend result;
  for (std::uint32_t i = 0; i < records.size(); ++i) result.refused.push_back(i);
  return result;
}

SpoolEvents Spool::take(const SpoolTakeLimits& limits, SpoolBatch& batch) {
  return state_->reader.take(limits, batch);
}

Result<void> Spool::claim(SpoolBatch& batch, std::size_t begin, std::size_t end, std::string name) {
  auto claimed = state_->reader.claim(batch, begin, end, std::move(name));
  if (claimed) return claimed;
  Error error = std::move(claimed).error();
  error.kind = ErrorKind::transient;
  return error;
}

SpoolEvents Spool::settle(SpoolBatch& batch, std::size_t acknowledged) {
  return state_->reader.settle(batch, acknowledged);
}

SpoolCounts Spool::counts() const {
  const std::lock_guard state(state_->table.state);
  return state_->table.counts;
}

std::uint64_t Spool::written_bytes() const { return state_->table.written; }

bool Spool::has_unread() const {
  const SpoolCounts now = counts();
  return now.records > now.in_flight || now.waiting_again > 0;
}

std::uint64_t Spool::next_sequence() const {
  const std::lock_guard state(state_->table.state);
  return state_->table.next_sequence;
}

SpoolEvents Spool::close() {
  SpoolEvents events;
  if (!state_->writer) return events;
  state_->writer->close(events);
  state_->reader.close(events);
  return events;
}

std::string spool_directory(std::string_view base, std::string_view sink) {
  std::string path(base);
  path += '/';
  for (std::size_t i = 0; i < sink.size(); ++i) {
    const auto c = static_cast<unsigned char>(sink[i]);
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || c == '-' || c == '_' || (c == '.' && i > 0)) {
      path += sink[i];
    } else {
      append_percent(path, c);
    }
  }
  return path;
}

}  // namespace ship
