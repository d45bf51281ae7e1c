#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/log.hpp"
#include "net/ed25519.hpp"
#include "seal/seal_block.hpp"
#include "seal/seal_entry.hpp"
#include "seal/seal_reader.hpp"
#include "sinks/file/file_settings.hpp"
#include "sinks/file/rotation.hpp"
#include "sinks/sink.hpp"
#include "sinks/sink_environment.hpp"

namespace ship {

/// The seal beside a file sink's file: takes the bytes as they are written there, closes a block of
/// them when it is large or a second old, and the file's part of the chain with a manifest. It goes
/// on where an earlier run stopped, and from file to file. Its format:
/// packaging/doc/sealed-files.md. One thread.
class FileSeal {
 public:
  /// `files` and `clock` of the environment must outlive it.
  FileSeal(const FileSinkSettings& settings, Ed25519Key key, const SinkEnvironment& environment);

  /// The log file is open and has `size` bytes: goes on with its seal, or begins one. What stands
  /// in the file behind its last block is taken up as found. Nothing may be written to the file
  /// before this was done. Errors: those of `Files`, also where another process seals the file;
  /// corrupt, where the seal that is there is none.
  Result<void> open(std::uint64_t size);
  bool is_open() const { return static_cast<bool>(file_); }

  /// These bytes were written at the end of the log file.
  void add(std::string_view bytes);
  /// The log file was cut back to `size`, by its sink.
  Result<void> cut(std::uint64_t size);
  /// Somebody else changed the log file, which has `size` bytes now. They stay outside of the seal.
  void changed_by_others(std::uint64_t size);
  /// What was added stays. Closes the block where it is time for that, or `now`, and writes what
  /// could not be written before. Errors: those of `Files`; what is missing is written next time.
  Result<void> commit(bool now = false);
  Result<void> sync();
  /// When `commit` has something to do although nothing is added.
  std::optional<SteadyTime> due() const;

  /// Closes the block and writes the manifest; `reason` is "end", "rotation" or "moved".
  Result<void> end(std::string_view reason);
  /// After `end`, the same log file goes on nevertheless.
  Result<void> resume();
  /// The log file has another name from now on: so has its seal. What is added next belongs to the
  /// next file. After `end`.
  Result<void> follow(const std::string& path);
  /// The log file was moved away by somebody else, who may have moved the seal as well.
  void lose_file();
  /// Nothing is added any more.
  void close();
  /// Reads the key again.
  void reload_key();

  /// The records for the anchor.
  std::vector<SinkNote> take_notes() { return std::exchange(notes_, {}); }

 private:
  /// Where the chain goes on.
  struct Place {
    std::string chain;
    std::uint64_t file = 1;
    std::uint64_t record = 1;
    std::string prev;
  };

  Result<void> finish_rotation(std::uint64_t size);
  Result<void> find_place();
  Result<void> continue_seal(const SealTail& tail, std::uint64_t size);
  Result<void> take_up(std::uint64_t from, std::uint64_t to, const char* found);
  Result<void> read_range(std::uint64_t from, std::uint64_t to,
                          const std::function<Result<void>()>& after_piece);
  std::vector<std::string> rotated_names(bool seals);
  Result<void> close_block(const char* found);
  void append_open(std::uint64_t offset);
  void append(SealEntry& entry, bool sign);
  Result<void> flush();
  std::string time_text() const;

  const FileSinkSettings settings_;
  Files& files_;
  Clock& clock_;
  const LogFunction log_;
  const std::function<SinkLosses()> take_losses_;
  const RotatedNames names_;
  const std::string path_;
  Ed25519Key key_;

  std::unique_ptr<File> file_;
  std::string pending_;  ///< lines that are not in the file yet
  std::optional<Place> place_;
  std::uint64_t file_number_ = 0;
  std::uint64_t first_record_ = 1;  ///< of this file
  std::string file_from_;
  std::string before_;  ///< the root of the file before
  bool ended_ = false;  ///< the last line is a manifest
  SealBlock block_;
  std::string block_from_;
  SteadyTime block_begun_{};
  SteadyTime signed_at_{};
  unsigned unsigned_blocks_ = 0;
  std::vector<SinkNote> notes_;
};

}  // namespace ship
