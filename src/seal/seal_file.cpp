#include "seal/seal_file.hpp"

#include <algorithm>
#include <utility>

#include "seal/seal_reader.hpp"

namespace ship {
namespace {

/// Takes the lines of a seal one by one, until one is wrong.
class SealChecker {
 public:
  SealChecker(SealFile& seal, const std::vector<Ed25519Key>& keys) : seal_(seal), keys_(keys) {}

  /// False: the line is wrong, and the fault is noted in the seal.
  bool take(std::string_view line, std::uint64_t at) {
    ++number_;
    auto parsed = parse_seal_line(line);
    if (!parsed.ok()) return fail("line " + std::to_string(number_) + " of the seal was edited");
    SealEntry& entry = parsed.value();
    if (!follows(entry) || !is_signed_well(line, entry)) return false;
    if (entry.key.empty()) {
      if (++unsigned_blocks_ > kMaxUnsignedBlocks) {
        return fail("signatures are missing in the seal: blocks were added or replaced");
      }
      seal_.unsigned_records += entry.records;
    } else {
      unsigned_blocks_ = 0;
      seal_.unsigned_records = 0;
    }
    seal_.last_hash = seal_line_hash(line);
    if (entry.kind == SealEntry::Kind::manifest) {
      seal_.roots.push_back({seal_.last_hash, entry.next_record()});
    }
    entry.lines = {};
    seal_.lines.push_back({std::move(entry), at});
    return true;
  }

  bool fail(std::string what) {
    SealFault fault{std::move(what), 0, 0, {}};
    if (!seal_.empty()) {
      fault.record = seal_.last().next_record();
      fault.line = seal_.line_of(fault.record);
      const SealEntry& last = seal_.last();
      fault.time = last.kind == SealEntry::Kind::open ? last.from : last.to;
    }
    seal_.fault = std::move(fault);
    return false;
  }

 private:
  bool follows(const SealEntry& entry) {
    const std::string line = "line " + std::to_string(number_) + " of the seal ";
    if (seal_.empty()) {
      if (entry.kind == SealEntry::Kind::open) return true;
      return fail("the beginning of the seal is missing");
    }
    if (entry.prev != seal_.last_hash) {
      return fail(line +
                  "does not follow the one before it: one of them was changed, removed or "
                  "moved");
    }
    const SealEntry& first = seal_.first();
    const SealEntry& last = seal_.last();
    bool good = true;
    switch (entry.kind) {
      case SealEntry::Kind::open:
        good = entry.chain == first.chain && entry.file == first.file &&
               entry.record == last.next_record();
        break;
      case SealEntry::Kind::block:
        good = entry.record == last.next_record() && last.kind != SealEntry::Kind::manifest;
        break;
      case SealEntry::Kind::manifest:
        good = entry.file == first.file && entry.before == first.prev &&
               entry.record == first.record && entry.next_record() == last.next_record() &&
               entry.bytes == last.end();
        break;
    }
    return good || fail(line + "does not count on from the one before it");
  }

  bool is_signed_well(std::string_view line, const SealEntry& entry) {
    const std::string where = "line " + std::to_string(number_) + " of the seal ";
    if (entry.key.empty()) {
      return entry.kind == SealEntry::Kind::block || fail(where + "is not signed");
    }
    if (keys_.empty()) return true;
    const auto key = std::find_if(keys_.begin(), keys_.end(),
                                  [&](const Ed25519Key& one) { return one.id() == entry.key; });
    if (key == keys_.end()) {
      return fail(where + "is signed by the key " + entry.key + ", which is not among those given");
    }
    return key->verify(signed_part(line), entry.signature) || fail(where + "has a wrong signature");
  }

  SealFile& seal_;
  const std::vector<Ed25519Key>& keys_;
  std::uint64_t number_ = 0;
  unsigned unsigned_blocks_ = 0;
};

}  // namespace

Result<SealFile> read_seal(Files& files, const std::string& path,
                           const std::vector<Ed25519Key>& keys) {
  auto opened = files.open(path, OpenMode::read);
  if (!opened.ok()) return std::move(opened).error();
  SealFile seal;
  SealChecker checker(seal, keys);
  for (SealReader reader(*opened.value());;) {
    auto line = reader.next();
    if (!line.ok()) return std::move(line).error();
    if (!line.value()) break;
    seal.blank = false;
    if (!checker.take(*line.value(), reader.line_at())) return seal;
  }
  if (seal.empty()) checker.fail("the seal is empty");
  return seal;
}

}  // namespace ship
