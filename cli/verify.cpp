#include "cli/verify.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unistd.h>
#include <vector>

#include "base/number_text.hpp"
#include "base/status_line.hpp"
#include "base/utf8.hpp"
#include "base/visible_text.hpp"
#include "cli/progress.hpp"
#include "seal/seal_chain.hpp"
#include "seal/seal_entry.hpp"
#include "seal/seal_reader.hpp"

namespace ship {
namespace {

/// Foreign text, made safe so that a terminal only displays it.
std::string shown(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const Utf8Sequence next = utf8_sequence_at(text);
    const std::string_view sequence = text.substr(0, next.size);
    text.remove_prefix(next.size);
    const bool harmless = next.well_formed && !acts_on_reader(code_point(sequence));
    result += harmless ? sequence : std::string_view("?");
  }
  return result;
}

/// Shows how far the reading has got, at the bottom of a terminal.
class VerifyBar {
 public:
  explicit VerifyBar(std::uint64_t total) : total_(total) {
    if (may_show_bar()) line_ = std::make_unique<StatusLine>(STDERR_FILENO);
  }
  ~VerifyBar() {
    if (line_) line_->remove();
  }
  VerifyBar(const VerifyBar&) = delete;
  VerifyBar& operator=(const VerifyBar&) = delete;

  void show(std::string_view path, std::uint64_t read) {
    using namespace std::chrono;
    const auto now = steady_clock::now();
    if (!line_ || now < next_) return;
    next_ = now + milliseconds(100);
    const double seconds = duration<double>(now - begun_).count();
    const std::uint64_t all = before_ + read;
    const unsigned percent = total_ == 0 ? 100 : static_cast<unsigned>(all * 100 / total_);
    std::string text = std::to_string(std::min(percent, 100u)) + "%  " + bytes_text(all) + " of " +
                       bytes_text(total_);
    if (seconds > 0.3) {
      text +=
          "  " + bytes_text(static_cast<std::uint64_t>(static_cast<double>(all) / seconds)) + "/s";
    }
    text += "  " + shown(path);
    line_->show(text.substr(0, line_->room()));
  }
  void file_done(std::uint64_t size) { before_ += size; }

 private:
  const std::uint64_t total_;
  std::uint64_t before_ = 0;
  std::unique_ptr<StatusLine> line_;
  const std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point next_ = begun_ + std::chrono::milliseconds(300);
};

Result<std::vector<std::string>> named_logs(Files& files, const std::vector<std::string>& given) {
  std::vector<std::string> logs;
  std::set<std::string> seals;
  const auto add = [&](const std::string& path) {
    const SealPair pair = find_seal_pair(files, path);
    if (seals.insert(pair.seal).second) logs.push_back(pair.log);
  };
  for (const std::string& path : given) {
    const auto status = files.status(path);
    if (!status.ok() || status.value().kind != FileStatus::Kind::directory) {
      add(path);
      continue;
    }
    auto names = files.list(path);
    if (!names.ok()) return std::move(names).error();
    std::sort(names.value().begin(), names.value().end());
    const std::size_t before = logs.size();
    for (const std::string& name : names.value()) {
      if (name.ends_with(kSealEnding)) add(path + (path.ends_with('/') ? "" : "/") + name);
    }
    if (logs.size() == before) return Error{ErrorKind::io, path + " has no sealed files in it"};
  }
  return logs;
}

Result<std::vector<SealAnchor>> read_anchors(Files& files, const std::vector<std::string>& paths) {
  std::vector<SealAnchor> anchors;
  for (const std::string& path : paths) {
    auto file = files.open(path, OpenMode::read);
    if (!file.ok()) return std::move(file).error();
    for (SealReader reader(*file.value());;) {
      auto line = reader.next();
      if (!line.ok()) return std::move(line).error();
      if (!line.value()) break;
      const std::vector<SealAnchor> found = parse_anchors(*line.value());
      anchors.insert(anchors.end(), found.begin(), found.end());
    }
  }
  return anchors;
}

std::string records_from_to(std::uint64_t first, std::uint64_t next) {
  if (next == first) return "no records";
  if (next == first + 1) return "record " + grouped(first);
  return "records " + grouped(first) + " to " + grouped(next - 1);
}

/// What else there is to say about an intact file.
std::string notes_on(const SealReport& report) {
  std::map<std::string, std::uint64_t> lost;
  std::uint64_t restart = 0;
  std::uint64_t before = 0;
  for (const SealFile::Line& line : report.seal.lines) {
    for (const auto& [reason, count] : line.entry.lost) lost[reason] += count;
    if (line.entry.found == "restart") restart += line.entry.records;
    if (line.entry.found == "before") before += line.entry.records;
  }
  std::string text;
  const auto note = [&text](const std::string& what) { text += "    " + what + "\n"; };
  for (const auto& [reason, count] : lost) {
    note("lost: " + counted(count, "record") + " " + shown(reason) +
         ", never written to this file");
  }
  if (before > 0) note(counted(before, "line") + " stood in it before it was sealed");
  if (restart > 0) note(counted(restart, "record") + " sealed after a restart, as they were found");
  const SealEntry& last = report.seal.last();
  if (last.reason == "end" && last.waiting + last.spooled > 0) {
    note(counted(last.waiting + last.spooled, "record") +
         " still waited for it when the run ended, " + grouped(last.spooled) + " of them spooled");
  }
  if (report.seal.unsigned_records > 0) {
    note(counted(report.seal.unsigned_records, "record") + " behind the last signature");
  }
  if (report.open_bytes > 0) {
    note(counted(report.open_records, "line") + " behind the last block, not sealed yet");
  }
  return text;
}

std::string told_of(const SealReport& report) {
  const std::string path = shown(report.path);
  if (report.fault) {
    const SealFault& fault = *report.fault;
    std::string text = path + ": TAMPERED";
    if (fault.line > 0) {
      text += " at line " + grouped(fault.line) + " (record " + grouped(fault.record) +
              (fault.time.empty() ? ")" : ", sealed " + shown(fault.time) + ")");
    }
    return text + ": " + shown(fault.what) + "\n";
  }
  const SealFile& seal = report.seal;
  if (seal.empty()) return path + ": whole, empty\n";
  std::set<std::string> keys;
  for (const SealFile::Line& line : seal.lines) {
    if (!line.entry.key.empty()) keys.insert(line.entry.key);
  }
  std::string text = path + ": whole, " +
                     records_from_to(seal.first().record, seal.last().next_record()) + ", " +
                     seal.first().from + " to " +
                     (seal.last().to.empty() ? seal.last().from : seal.last().to) + ", key";
  for (const std::string& key : keys) text += " " + shown(key);
  return text + "\n" + notes_on(report);
}

std::string told_of(const SealTailCheck& tail, const std::vector<SealReport>& reports) {
  if (!tail.fault.empty()) {
    return (tail.chain.empty() ? std::string() : "chain " + shown(tail.chain) + ": ") +
           "TAMPERED: " + shown(tail.fault) + "\n";
  }
  std::string text = "chain " + shown(tail.chain) + ": ";
  const SealFile* first = nullptr;
  std::string root;
  for (const SealReport& report : reports) {
    if (report.seal.empty() || report.seal.first().chain != tail.chain) continue;
    if (first == nullptr) first = &report.seal;
    if (!report.seal.roots.empty()) root = report.seal.roots.back().hash;
  }
  if (first->first().file > 1) {
    text += "begins here with file " + grouped(first->first().file) + ", older ones are not here; ";
  }
  if (tail.by.empty()) {
    text +=
        "its end was NOT checked: what is cut off there is not seen without --anchor or "
        "--expect-head";
  } else {
    text += "its end was checked against " + tail.by + ", up to record " + grouped(tail.checked_to);
  }
  if (!root.empty()) text += "; newest root " + root;
  return text + "\n";
}

std::vector<SealReport> look_once(Files& files, const std::vector<std::string>& logs,
                                  const std::vector<Ed25519Key>& keys) {
  std::uint64_t total = 0;
  for (const std::string& log : logs) {
    if (const auto status = files.status(log); status.ok()) total += status.value().size;
  }
  VerifyBar bar(total);
  std::string path;
  SealVerifier verifier(files, keys,
                        [&](std::uint64_t read, std::uint64_t) { bar.show(path, read); });
  std::vector<SealReport> reports;
  for (const std::string& log : logs) {
    path = log;
    reports.push_back(verifier.verify(log));
    if (const auto status = files.status(log); status.ok()) bar.file_done(status.value().size);
  }
  check_links(reports);
  return reports;
}

/// If files are rotated in the meantime, what seems wrong may be just that, so they are checked
/// again.
Result<std::vector<SealReport>> look_at(Files& files, const std::vector<std::string>& paths,
                                        const std::vector<Ed25519Key>& keys) {
  constexpr int kLooks = 5;
  auto logs = named_logs(files, paths);
  for (int looks = 1; logs.ok(); ++looks) {
    std::vector<SealReport> reports = look_once(files, logs.value(), keys);
    const bool wrong = std::any_of(reports.begin(), reports.end(), [](const SealReport& report) {
      return report.fault || report.unreadable;
    });
    if (!wrong || looks == kLooks) return reports;
    auto now = named_logs(files, paths);
    if (now.ok() && now.value() == logs.value()) return reports;
    logs = std::move(now);
  }
  return std::move(logs).error();
}

}  // namespace

Result<VerifyOutcome> verify_files(const CommandLine& line, Diagnostics& diagnostics) {
  Files& files = system_files();
  std::vector<Ed25519Key> keys;
  for (const std::string& path : line.seal_keys) {
    auto key = Ed25519Key::read_public(path);
    if (!key) return std::move(key).error();
    keys.push_back(std::move(key).value());
  }
  auto anchors = read_anchors(files, line.anchors);
  if (!anchors) return std::move(anchors).error();
  auto looked = look_at(files, line.arguments, keys);
  if (!looked) return std::move(looked).error();
  const std::vector<SealReport> reports = std::move(looked).value();
  VerifyOutcome outcome;
  bool tampered = false;
  for (const SealReport& report : reports) {
    if (report.unreadable) {
      diagnostics.log(LogLevel::error, report.unreadable->message);
      outcome.code = ExitCode::io;
      continue;
    }
    outcome.text += told_of(report);
    tampered = tampered || report.fault.has_value();
  }
  for (const SealTailCheck& tail :
       check_tails(reports, line.expected_heads, !line.anchors.empty(), anchors.value())) {
    outcome.text += told_of(tail, reports);
    tampered = tampered || !tail.fault.empty();
  }
  if (keys.empty()) {
    outcome.text += "signatures were NOT checked: give the public key with --seal-key-file\n";
  }
  if (tampered) outcome.code = ExitCode::tampered;
  return outcome;
}

}  // namespace ship
