#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/log.hpp"
#include "sinks/file/file_archive.hpp"
#include "sinks/file/file_seal.hpp"
#include "sinks/file/file_settings.hpp"
#include "sinks/file/rotation.hpp"
#include "sinks/line_stream.hpp"
#include "sinks/sink.hpp"

namespace ship {

/// Appends lines to a file, or to a FIFO or device at its path.
///
/// The promise, whatever fails: each line is in the file exactly once and complete. A line that a
/// full disk tore is taken back at once if nobody else has appended since, and is otherwise ended
/// or completed by the next write; the verdict names exactly the records that are stored. When the
/// file is opened, a newline ends a last line that a crash tore.
///
/// Missing parent directories are not created: a missing mount, or a typo, is `hold` with a hint.
/// The next batch notices if the file was moved or deleted, and creates a new one. A sealed file
/// must be a regular file; if its seal cannot be written, no line is accepted.
///
/// Rotation renames (see RotatedNames) and reopens; FileArchive does everything else with rotated
/// files.
class FileSink final : public Sink {
 public:
  /// `files` and `clock` must outlive the sink. Opens nothing yet. Without `seal` the file is not
  /// sealed.
  FileSink(FileSinkSettings settings, Files& files, Clock& clock, LogFunction log,
           std::unique_ptr<FileSeal> seal = nullptr);

  Verdict send(std::span<const Record> records, const SendContext& context) override;
  /// Checks whether the file, or the directory it will be created in, is writable, and the free
  /// space.
  Result<std::string> probe(const std::stop_token& stop) override;
  std::string payload(std::span<const Record> records) override { return stream_.text(records); }
  void reopen() override;
  std::vector<SinkNote> take_notes() override;
  std::optional<SteadyTime> wake_at() const override;
  void wake() override;
  void close(const std::stop_token& stop) override;

 private:
  Result<void> make_ready();
  Result<void> open();
  void check_whole_lines();
  bool still_in_place();
  std::size_t fitting(std::span<const Record> records) const;
  LineStream::Outcome write_lines(std::span<const Record> records, const std::stop_token& stop);
  Result<std::size_t> write_some(std::string_view bytes, const std::stop_token& stop);
  bool take_back(std::uint64_t bytes);
  bool rotates() const { return regular_ && (settings_.rotate_size > 0 || rotates_by_time()); }
  bool rotates_by_time() const { return settings_.rotate_interval.count() > 0; }
  Result<void> rotate();
  Result<std::string> end_and_rename();
  void leave_file();
  Result<std::string> rename_away();
  void sync_if_due(bool now);
  SteadyTime steady_at(WallNanos time) const;

  const FileSinkSettings settings_;
  Files& files_;
  Clock& clock_;
  const LogFunction log_;
  const RotatedNames names_;
  LineStream stream_;
  std::unique_ptr<FileSeal> seal_;  ///< null: none
  std::unique_ptr<File> file_;
  FileStatus opened_;  ///< identifies the open file
  bool regular_ = false;
  std::uint64_t size_ = 0;  ///< as it should be if nobody else writes
  bool looked_ = false;     ///< for a file that an earlier run left
  bool tidied_ = false;
  WallNanos rotate_at_ = 0;
  WallNanos last_stamp_ = 0;
  SteadyTime no_rotation_before_{};
  bool rotation_failing_ = false;
  std::optional<SteadyTime> sync_at_;  ///< set while something is not yet synced
  FileArchive archive_;                ///< last: its thread ends first
};

}  // namespace ship
