#include "seal/seal_chain.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/files.hpp"
#include "base/number_text.hpp"

namespace ship {
namespace {

SealFault link_fault(const SealReport& report, std::string what) {
  const SealEntry& first = report.seal.first();
  return {std::move(what), 1, first.record, first.from};
}

/// Notes what is wrong between two consecutive files.
void check_link(SealReport& before, SealReport& report) {
  const SealEntry& first = report.seal.first();
  const std::uint64_t number = before.seal.first().file;
  const std::string name(name_of(before.path));
  if (first.file == number) {
    report.fault = link_fault(
        report, "it is file " + std::to_string(number) + " of its chain, and so is " + name);
  } else if (first.file > number + 1) {
    report.fault = link_fault(
        report, counted(first.file - number - 1, "file") + " missing between " + name + " and it");
  } else if (!before.seal.ended()) {
    const SealEntry& last = before.seal.last();
    const std::uint64_t record = last.next_record();
    before.fault = SealFault{"the end of its seal is missing", before.seal.line_of(record), record,
                             last.to.empty() ? last.from : last.to};
  } else if (first.prev != before.seal.last_hash ||
             first.record != before.seal.last().next_record()) {
    report.fault = link_fault(
        report, "it does not follow " + name + ": the end of that seal was cut or replaced");
  }
}

}  // namespace

void check_links(std::vector<SealReport>& reports) {
  const auto place = [](const SealReport& report) {
    const SealFile& seal = report.seal;
    const bool known = !seal.empty();
    // Files without a chain come first.
    return std::tuple(known ? seal.first().chain : std::string(),
                      known ? seal.first().file : std::uint64_t{0}, report.path);
  };
  std::sort(reports.begin(), reports.end(),
            [&](const SealReport& a, const SealReport& b) { return place(a) < place(b); });
  for (std::size_t i = 1; i < reports.size(); ++i) {
    SealReport& before = reports[i - 1];
    SealReport& report = reports[i];
    if (before.seal.empty() || report.seal.empty() || before.seal.fault || report.fault) continue;
    if (before.seal.first().chain == report.seal.first().chain) check_link(before, report);
  }
}

namespace {

/// The checks of one chain, of which `files` exist.
class TailChecker {
 public:
  explicit TailChecker(std::vector<const SealReport*> files) : files_(std::move(files)) {
    tail_.chain = files_.front()->seal.first().chain;
  }

  /// False: it is not a root of this chain.
  bool find(const std::string& root, const char* by) {
    for (const SealReport* report : files_) {
      for (const SealFile::Root& one : report->seal.roots) {
        if (one.hash != root) continue;
        if (tail_.by.empty() || one.next_record - 1 > tail_.checked_to) tail_.by = by;
        tail_.checked_to = std::max(tail_.checked_to, one.next_record - 1);
        return true;
      }
    }
    return false;
  }

  void check(const SealAnchor& anchor) {
    if (anchor.chain != tail_.chain) return;
    anchored_ = true;
    if (anchor.file < files_.front()->seal.first().file || find(anchor.root, "an anchor")) return;
    const std::uint64_t newest = files_.back()->seal.first().file;
    tail_.fault = "the anchor knows file " + std::to_string(anchor.file) + " of this chain" +
                  (anchor.file > newest ? ", which is missing: the newest end was cut off"
                                        : " otherwise: it was cut or written anew");
  }

  SealTailCheck finish(bool must_be_anchored) {
    if (must_be_anchored && !anchored_) tail_.fault = "no anchor knows this chain";
    return std::move(tail_);
  }

 private:
  const std::vector<const SealReport*> files_;
  SealTailCheck tail_;
  bool anchored_ = false;
};

}  // namespace

std::vector<SealTailCheck> check_tails(const std::vector<SealReport>& reports,
                                       const std::vector<std::string>& heads, bool anchored,
                                       const std::vector<SealAnchor>& anchors) {
  std::vector<TailChecker> checkers;
  std::vector<const SealReport*> files;
  for (std::size_t i = 0; i < reports.size(); ++i) {
    if (reports[i].seal.empty()) continue;
    files.push_back(&reports[i]);
    const bool last = i + 1 == reports.size() ||
                      reports[i + 1].seal.first().chain != reports[i].seal.first().chain;
    if (last) checkers.emplace_back(std::exchange(files, {}));
  }
  std::vector<std::string> unknown;
  for (const std::string& head : heads) {
    bool known = false;
    for (TailChecker& checker : checkers) known = checker.find(head, "the expected head") || known;
    if (!known) unknown.push_back(head);
  }
  std::vector<SealTailCheck> tails;
  for (TailChecker& checker : checkers) {
    for (const SealAnchor& anchor : anchors) checker.check(anchor);
    tails.push_back(checker.finish(anchored));
  }
  for (const std::string& head : unknown) {
    tails.push_back(
        {"", 0, "",
         "the expected head " + head + " is not here: the newest end was cut off or written anew"});
  }
  return tails;
}

}  // namespace ship
