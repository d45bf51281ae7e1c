#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "record/record.hpp"
#include "sinks/sink.hpp"

namespace ship::testing {

/// Records that own their lines, for tests: a batch as a worker would hand it to a sink.
class OwnedRecords {
 public:
  /// Line after line, all INFO, one millisecond apart from 2026-11-22T09:00:00Z on; each with an
  /// identity of its own.
  explicit OwnedRecords(std::vector<std::string> lines);

  std::span<const Record> records() const { return records_; }
  const std::vector<std::string>& lines() const { return lines_; }
  Record& at(std::size_t index) { return records_[index]; }
  /// Writes over every byte of every line, as a worker that reuses its batch would.
  void overwrite();

 private:
  std::vector<std::string> lines_;
  std::vector<Record> records_;
};

/// The other side of the sink under test: a file, a pipe, a scripted server. Each type of sink
/// writes one of these and runs the suite over it. A method that answers false says that this type
/// of sink cannot come into that state; the rule is then not checked.
class ContractPeer {
 public:
  virtual ~ContractPeer() = default;
  /// A fresh sink that talks to this peer; called once.
  virtual std::unique_ptr<Sink> make_sink() = 0;
  /// The longest text that a record is tried with; less where the protocol itself has a limit.
  virtual std::size_t large_text() const { return 1u << 20; }
  /// False for a sink that keeps nothing.
  virtual bool keeps_lines() const { return true; }
  /// What was accepted, a line an entry, without newlines. Asked after the sink was closed and
  /// destroyed.
  virtual std::vector<std::string> lines() = 0;
  /// What came over the wire or into the file, after compression, in the attempts that were
  /// accepted.
  virtual std::uint64_t wire_bytes() = 0;

  /// From now on each attempt fails in a way that passes, and nothing is stored; until `recover`.
  virtual bool fail() { return false; }
  virtual void recover() {}
  /// From now on the peer takes what comes and never answers.
  virtual bool hang() { return false; }
  /// Returns once the sink waits for an answer that will not come.
  virtual void wait_until_hanging() {}
  /// From now on the peer refuses everything for good, with an answer that repeats all it was sent.
  virtual bool echo() { return false; }
  /// What must not show in any reason.
  virtual std::vector<std::string> secrets() const { return {}; }
};

/// The rules that hold for every sink, as sections of the calling TEST_CASE. `make_peer` is called
/// once for each rule.
void run_sink_contract(const std::function<std::unique_ptr<ContractPeer>()>& make_peer);

}  // namespace ship::testing
