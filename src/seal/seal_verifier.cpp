#include "seal/seal_verifier.hpp"

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "base/number_text.hpp"
#include "net/digest.hpp"
#include "seal/seal_place.hpp"
#include "seal/seal_reader.hpp"
#include "seal/sealed_log.hpp"

namespace ship {
namespace {

constexpr std::size_t kRoom = 512 * 1024;
/// How much after a wrong block is read to see what happened to it.
constexpr std::uint64_t kLookahead = 1024 * 1024;
/// The largest block that a seal is believed to have; real blocks are never that large.
constexpr std::uint64_t kMaxPlaced = 256 * 1024 * 1024;
constexpr int kLooks = 3;

SealFault fault_at(const SealFile& seal, const SealEntry& entry, std::string what,
                   std::uint64_t lines = 0) {
  const std::uint64_t record = entry.record + lines;
  return {std::move(what), seal.line_of(record), record,
          entry.kind == SealEntry::Kind::block ? entry.to : entry.from};
}

}  // namespace

SealVerifier::SealVerifier(Files& files, std::vector<Ed25519Key> keys, Progress progress)
    : files_(files), keys_(std::move(keys)), progress_(std::move(progress)), room_(kRoom) {}

SealReport SealVerifier::verify(const std::string& path) {
  for (int looks = 1;; ++looks) {
    const SealPair pair = find_seal_pair(files_, path);
    const auto log_before = files_.status(pair.log);
    const auto seal_before = files_.status(pair.seal);
    SealReport report;
    report.path = pair.log;
    report.seal_path = pair.seal;
    look(report);
    const auto log_after = files_.status(pair.log);
    const auto seal_after = files_.status(pair.seal);
    const auto changed = [](const Result<FileStatus>& before, const Result<FileStatus>& after) {
      return before.ok() != after.ok() ||
             (before.ok() && (before.value().size != after.value().size ||
                              !before.value().same_file(after.value())));
    };
    const bool moves = changed(log_before, log_after) || changed(seal_before, seal_after);
    if (!report.fault || !moves || looks == kLooks) return report;
  }
}

void SealVerifier::look(SealReport& report) {
  auto seal = read_seal(files_, report.seal_path, keys_);
  const auto log = files_.status(report.path);
  if (!seal.ok()) {
    Error error = std::move(seal).error();
    if (error.code == ENOENT && log.ok()) {
      report.fault = SealFault{"there is no seal beside it: " + report.seal_path, 0, 0, {}};
    } else {
      report.unreadable = std::move(error);
    }
    return;
  }
  report.seal = std::move(seal).value();
  // A run is about to begin, or was killed at that point.
  if (report.seal.blank && log.ok() && log.value().size == 0) return;
  // What the seal says before its own fault is valid, and a fault there may come first.
  if (!report.seal.empty()) check_bytes(report);
  if (report.fault || report.unreadable) return;
  report.fault = report.seal.fault;
}

void SealVerifier::check_bytes(SealReport& report) {
  auto opened = SealedLog::open(files_, report.path);
  if (!opened.ok()) {
    Error error = std::move(opened).error();
    if (error.code == ENOENT) {
      report.fault = fault_at(report.seal, report.seal.first(), "the file is missing");
    } else if (error.kind == ErrorKind::corrupt) {
      report.fault =
          fault_at(report.seal, report.seal.first(), "the file was damaged at its start");
    } else {
      report.unreadable = std::move(error);
    }
    return;
  }
  SealedLog log = std::move(opened).value();
  for (std::size_t i = 0; i < report.seal.lines.size(); ++i) {
    const SealEntry& entry = report.seal.lines[i].entry;
    if (entry.kind == SealEntry::Kind::manifest) continue;
    if (entry.offset > log.at()) {
      report.fault =
          fault_at(report.seal, entry, "bytes that the shipper did not write were inserted");
      return;
    }
    if (entry.offset < log.at()) {
      report.fault =
          fault_at(report.seal, entry, "the file was cut back while it was being written");
      return;
    }
    if (entry.found == "before" && report.seal.first().file > 1) {
      report.fault = fault_at(report.seal, entry, "lines that no seal covered were put into it");
      return;
    }
    if (!check_block(log, report, i)) return;
  }
  check_rest(log, report);
}

/// False: it differs from what was sealed, or cannot be read; the report says so.
bool SealVerifier::check_block(SealedLog& log, SealReport& report, std::size_t index) {
  const SealEntry& entry = report.seal.lines[index].entry;
  if (entry.kind != SealEntry::Kind::block) return true;
  Sha256Stream sha256;
  std::uint64_t left = entry.bytes;
  while (left > 0) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left, room_.size()));
    auto got = log.read(std::span(room_).first(size));
    if (!got.ok() && got.error().kind == ErrorKind::corrupt) {
      place(report, index, "the compressed file was damaged here");
      return false;
    }
    if (!got.ok()) {
      report.unreadable = std::move(got).error();
      return false;
    }
    if (got.value() == 0) break;
    sha256.update(std::string_view(room_.data(), got.value()));
    left -= got.value();
    if (progress_) progress_(log.taken(), log.size());
  }
  if (left == 0 && hex_text(sha256.finish()) == entry.sha256) return true;
  place(report, index, nullptr);
  return false;
}

/// Checks what follows the last block.
void SealVerifier::check_rest(SealedLog& log, SealReport& report) {
  const SealFile& seal = report.seal;
  std::uint64_t bytes = 0;
  std::uint64_t lines = 0;
  for (;;) {
    auto got = log.read(room_);
    if (!got.ok() && got.error().kind == ErrorKind::corrupt) {
      report.fault =
          fault_at(seal, seal.last(), "the compressed file was damaged behind its lines");
      return;
    }
    if (!got.ok()) {
      report.unreadable = std::move(got).error();
      return;
    }
    if (got.value() == 0) break;
    bytes += got.value();
    lines += static_cast<std::uint64_t>(std::count(room_.data(), room_.data() + got.value(), '\n'));
  }
  if (bytes > 0 && seal.ended() && !seal.fault) {
    SealFault fault{counted(std::max<std::uint64_t>(lines, 1), "line") + " inserted at the end", 0,
                    seal.last().next_record(), seal.last().to};
    fault.line = seal.line_of(fault.record);
    report.fault = std::move(fault);
    return;
  }
  report.open_bytes = bytes;
  report.open_records = lines;
}

/// The hashes of the lines of a block, as in its seal.
std::string SealVerifier::lines_of(const SealReport& report, std::size_t index) {
  auto file = files_.open(report.seal_path, OpenMode::read);
  if (!file.ok()) return {};
  SealReader reader(*file.value(), report.seal.lines[index].at);
  auto line = reader.next();
  if (!line.ok() || !line.value()) return {};
  auto entry = parse_seal_line(*line.value());
  return entry.ok() ? std::move(entry).value().lines : std::string();
}

/// Finds the line at which the block differs from the file. `what`: the fault, if known.
void SealVerifier::place(SealReport& report, std::size_t index, const char* what) {
  const SealFile& seal = report.seal;
  const SealEntry& block = seal.lines[index].entry;
  std::vector<std::uint32_t> expected = parse_line_crcs(lines_of(report, index));
  const std::size_t block_lines = expected.size();
  std::uint64_t end = block.end();
  bool all_ended = block_lines == block.records;
  for (std::size_t i = index + 1; i < seal.lines.size() && all_ended; ++i) {
    const SealEntry& next = seal.lines[i].entry;
    if (next.kind == SealEntry::Kind::manifest) continue;
    if (next.offset != end || end - block.end() >= kLookahead) break;
    if (next.kind == SealEntry::Kind::open) continue;
    const std::vector<std::uint32_t> more = parse_line_crcs(lines_of(report, i));
    expected.insert(expected.end(), more.begin(), more.end());
    all_ended = more.size() == next.records;
    end = next.end();
  }
  // Inserted lines push others out.
  const std::uint64_t wanted = std::min(end - block.offset + kLookahead, kMaxPlaced);
  std::string bytes;
  bool at_end = false;
  auto log = SealedLog::open(files_, report.path);
  const bool reaches = log.ok() && [&] {
    auto skipped = log.value().skip_to(block.offset);
    return skipped.ok() && skipped.value();
  }();
  while (reaches && bytes.size() < wanted) {
    auto got = log.value().read(room_);
    at_end = !got.ok() || got.value() == 0;
    if (at_end) break;
    bytes.append(room_.data(), got.value());
  }
  if (!at_end) bytes.resize(bytes.rfind('\n') + 1);
  const std::vector<std::uint32_t> found = line_crcs(bytes);
  const bool cut_short = (!reaches || at_end) && block.offset + bytes.size() < end;
  const SealPlace place = place_change(expected, found, block_lines, cut_short);
  report.fault = fault_at(seal, block, what != nullptr ? what : place.what, place.line);
}

}  // namespace ship
