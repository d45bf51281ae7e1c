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

/// The seal next to a file sink's file: takes the bytes as they are written there, closes a block
/// when it is large or a second old, and closes the file's part of the chain with a manifest. It
/// continues where an earlier run stopped, and from file to file. Its format:
/// packaging/doc/sealed-files.md. One thread.
class FileSeal {
 public:
  /// The environment's `files` and `clock` must outlive it.
  FileSeal(const FileSinkSettings& settings, Ed25519Key key, const SinkEnvironment& environment);

  /// The log file is open and has `size` bytes: continues its seal, or begins one. Bytes after the
  /// last block are sealed as found. Nothing may be written to the file before this call. Errors:
  /// those of `Files`, also if another process seals the file; corrupt, if the existing seal is not
  /// a valid one.
  Result<void> open(std::uint64_t size);
  bool is_open() const { return static_cast<bool>(file_); }

  /// These bytes were written at the end of the log file.
  void add(std::string_view bytes);
  /// The sink cut the log file back to `size`.
  Result<void> cut(std::uint64_t size);
  /// Someone else changed the log file, which now has `size` bytes. The foreign bytes stay outside
  /// the seal.
  void changed_by_others(std::uint64_t size);
  /// Keeps what was added. Closes the block if it is due, or if `now`, and writes what could not be
  /// written before. Errors: those of `Files`; what could not be written is written next time.
  Result<void> commit(bool now = false);
  Result<void> sync();
  /// When `commit` has something to do even if nothing is added.
  std::optional<SteadyTime> due() const;

  /// Closes the block and writes the manifest; `reason` is "end", "rotation" or "moved".
  Result<void> end(std::string_view reason);
  /// After `end`, the same log file continues after all.
  Result<void> resume();
  /// The log file has been renamed: renames its seal too. What is added next belongs to the next
  /// file. Call after `end`.
  Result<void> follow(const std::string& path);
  /// Someone else moved the log file away, and may have moved the seal too.
  void lose_file();
  /// Nothing more will be added.
  void close();
  /// Rereads the key.
  void reload_key();

  /// The records for the anchor.
  std::vector<SinkNote> take_notes() { return std::exchange(notes_, {}); }

 private:
  /// Where the chain continues.
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
  std::string pending_;  ///< lines that are not yet in the file
  std::optional<Place> place_;
  std::uint64_t file_number_ = 0;
  std::uint64_t first_record_ = 1;  ///< of this file
  std::string file_from_;
  std::string before_;  ///< the root of the previous file
  bool ended_ = false;  ///< the last line is a manifest
  SealBlock block_;
  std::string block_from_;
  SteadyTime block_begun_{};
  SteadyTime signed_at_{};
  unsigned unsigned_blocks_ = 0;
  std::vector<SinkNote> notes_;
};

}  // namespace ship
