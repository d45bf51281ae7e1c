#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "spool/spool.hpp"
#include "tests/catch.hpp"
#include "tests/unit/fakes/memory_files.hpp"
#include "tests/unit/spool/spool_fixture.hpp"

namespace ship {
namespace {

/// A spool and what it should hold, driven by random operations. The model is a sorted map.
class Model {
 public:
  explicit Model(std::uint64_t seed) : random_(seed), batches_(3) {
    options_.directory = "/spool";
    options_.segment_bytes = 2048 << roll(4);
    options_.mode = roll(2) ? SpoolMode::durable : SpoolMode::overflow;
    open();
  }

  void step() {
    switch (roll(12)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return append();
      case 4:
      case 5:
      case 6:
        return take();
      case 7:
      case 8:
      case 9:
      case 10:
        return settle();
      default:
        // Where a note was not written, more comes again than the model knows.
        if (!files_.on_call) restart();
        return;
    }
  }

  /// Everything that the disk refuses from now on, one call in `n`; 0: it works.
  void fail_one_in(std::uint64_t n) {
    failed_ |= n != 0;
    if (n == 0) {
      files_.on_call = nullptr;
      return;
    }
    files_.on_call = [this, n](const MemoryFiles::Call&) {
      return opening_ || roll(n) != 0 ? 0 : EIO;
    };
  }

  void finish() {
    fail_one_in(0);
    for (Held& held : batches_) {
      if (!held.batch.empty()) put_back(held, 0);
    }
    check_counts();
    std::vector<std::uint64_t> expected;
    for (const auto& [sequence, kind] : unread_) expected.push_back(sequence);
    SpoolDrain rest = drain(*spool_);
    if (failed_) std::sort(rest.sequences.begin(), rest.sequences.end());
    CHECK(rest.sequences == expected);
    unread_.clear();
    CHECK(rest.changed == 0);
    CHECK(rest.messages == std::vector<std::string>());
    CHECK_FALSE(spool_->close().error);
    CHECK(spool_->counts() == SpoolCounts());
    spool_.reset();
    if (!failed_) CHECK(files_.paths("/spool") == std::vector<std::string>{"/spool/lock"});
    open();
    CHECK(spool_->counts() == SpoolCounts());
    spool_->close();
    spool_.reset();
    CHECK(files_.paths("/spool") == std::vector<std::string>{"/spool/lock"});
  }

 private:
  struct Held {
    SpoolBatch batch;
    std::vector<std::uint64_t> sequences;
  };

  std::uint64_t roll(std::uint64_t n) { return random_() % n; }

  void open() {
    opening_ = true;
    auto opened = Spool::open(files_, options_);
    opening_ = false;
    REQUIRE(opened.ok());
    spool_ = std::move(opened.value().spool);
    if (!failed_) CHECK(opened.value().report.messages == std::vector<std::string>());
    check_counts();
  }

  void restart() {
    if (failed_ || roll(2)) {
      opening_ = true;
      [[maybe_unused]] const SpoolEvents events = spool_->close();
      opening_ = false;
    }
    files_.kill();
    spool_.reset();
    for (Held& held : batches_) {
      for (const std::uint64_t sequence : held.sequences) come_back(sequence);
      held = Held();
    }
    open();
  }

  void come_back(std::uint64_t sequence) {
    unread_[sequence] = in_flight_.at(sequence);
    in_flight_.erase(sequence);
  }

  void append() {
    SpoolRecords records;
    std::set<std::uint64_t> used;
    const std::uint64_t count = 1 + roll(40);
    const bool late = roll(5) == 0;
    for (std::uint64_t i = 0; i < count; ++i) {
      std::uint64_t sequence = next_++;
      if (late) sequence = 1 + roll(next_);
      if (!late && roll(20) == 0) next_ += roll(30);
      if (unread_.count(sequence) || in_flight_.count(sequence) || done_.count(sequence) ||
          !used.insert(sequence).second) {
        continue;
      }
      static constexpr std::array kKinds = {kSpoolDebug, kSpoolInfo, kSpoolInfo, kSpoolError,
                                            kSpoolAudit};
      records.add(sequence, kKinds[roll(kKinds.size())], 40 + roll(roll(10) == 0 ? 3000 : 120));
    }
    const SpoolAppend result = spool_->append(records);
    CHECK(result.refused.empty());
    CHECK((result.failed.empty() || result.events.error.has_value()));
    CHECK(result.stored + result.failed.size() == records.all().size());
    for (std::uint32_t i = 0; i < records.all().size(); ++i) {
      if (std::binary_search(result.failed.begin(), result.failed.end(), i)) continue;
      unread_[records.all()[i].sequence] = records.all()[i].kind();
    }
    check_counts();
  }

  void take() {
    Held& held = batches_[roll(batches_.size())];
    if (!held.batch.empty()) return;
    SpoolTakeLimits limits;
    limits.max_records = 1 + roll(30);
    limits.protected_first = roll(4) == 0;
    if (roll(4) == 0) limits.before = 1 + roll(next_);
    const SpoolEvents events = spool_->take(limits, held.batch);
    CHECK(events.lost.empty());
    if (events.error) {
      CHECK(held.batch.empty());
      return;
    }
    for (std::size_t i = 0; i < held.batch.size(); ++i) {
      const std::uint64_t sequence = held.batch.sequence(i);
      held.sequences.push_back(sequence);
      CHECK(is_intact(held.batch, i));
      // Once the disk has failed, another file's records may come first.
      if (!failed_) CHECK(sequence == expected_next(limits));
      REQUIRE(unread_.count(sequence) == 1);
      CHECK(held.batch.is_protected(i) == unread_.at(sequence).is_protected);
      in_flight_[sequence] = unread_.at(sequence);
      unread_.erase(sequence);
    }
    if (!failed_ && held.batch.size() < limits.max_records) {
      CHECK(expected_next(limits) >= limits.before);
    }
    check_counts();
  }

  std::uint64_t expected_next(const SpoolTakeLimits& limits) const {
    if (limits.protected_first) {
      for (const auto& [sequence, kind] : unread_) {
        if (kind.is_protected) return sequence;
      }
    }
    return unread_.empty() ? limits.before : unread_.begin()->first;
  }

  void settle() {
    Held& held = batches_[roll(batches_.size())];
    if (held.batch.empty()) return;
    put_back(held, roll(3) == 0 ? roll(held.batch.size() + 1) : held.batch.size());
    check_counts();
  }

  void put_back(Held& held, std::size_t acknowledged) {
    if (roll(4) == 0) {
      std::vector<std::uint32_t> front;
      for (std::uint32_t i = 0; i < held.batch.size(); ++i) {
        if (roll(2)) front.push_back(i);
      }
      held.batch.move_to_front(0, held.batch.size(), front);
      for (std::size_t i = 0; i < held.batch.size(); ++i) {
        held.sequences[i] = held.batch.sequence(i);
        CHECK(is_intact(held.batch, i));
      }
    }
    for (std::size_t i = 0; i < held.sequences.size(); ++i) {
      if (i < acknowledged) {
        in_flight_.erase(held.sequences[i]);
        done_.insert(held.sequences[i]);
      } else {
        come_back(held.sequences[i]);
      }
    }
    const SpoolEvents events = spool_->settle(held.batch, acknowledged);
    CHECK(events.lost.empty());
    held = Held();
  }

  void check_counts() {
    const SpoolCounts counts = spool_->counts();
    CHECK(counts.records == unread_.size() + in_flight_.size());
    CHECK(counts.in_flight == in_flight_.size());
    const auto is_protected = [](const auto& entry) { return entry.second.is_protected; };
    CHECK(counts.protected_records ==
          static_cast<std::uint64_t>(
              std::count_if(unread_.begin(), unread_.end(), is_protected) +
              std::count_if(in_flight_.begin(), in_flight_.end(), is_protected)));
    CHECK(spool_->has_unread() == !unread_.empty());
  }

  std::mt19937_64 random_;
  MemoryFiles files_;
  SpoolOptions options_;
  std::unique_ptr<Spool> spool_;
  std::map<std::uint64_t, SpoolClass> unread_;
  std::map<std::uint64_t, SpoolClass> in_flight_;
  std::set<std::uint64_t> done_;
  std::vector<Held> batches_;
  std::uint64_t next_ = 1;
  bool opening_ = false;
  bool failed_ = false;
};

TEST_CASE("spool: it does what a sorted map does, across restarts and kills", "[spool]") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    INFO("seed " << seed);
    Model model(seed);
    for (int i = 0; i < 150; ++i) model.step();
    model.finish();
  }
}

TEST_CASE("spool: a failing disk loses nothing and counts nothing twice", "[spool]") {
  for (std::uint64_t seed = 100; seed <= 140; ++seed) {
    INFO("seed " << seed);
    Model model(seed);
    for (int i = 0; i < 200; ++i) {
      if (i == 20) model.fail_one_in(2 + seed % 7);
      if (i == 170) model.fail_one_in(0);
      model.step();
    }
    model.finish();
  }
}

}  // namespace
}  // namespace ship
