#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace ship {

/// One line without its framing: its end ("\n" or "\r\n"), and the NULs and UTF-8 byte order marks
/// before it (a hole left by truncation, concatenated files). A line longer than max_line_bytes is
/// cut to at most that many bytes, not inside a UTF-8 sequence. The text lives as long as its
/// block.
struct Line {
  std::string_view text;
  std::uint64_t original_size = 0;  ///< bytes; equal to text.size() if the line was not cut

  bool cut() const { return original_size != text.size(); }
};

/// Contiguous bytes that hold whole lines.
struct Block {
  /// Lines, each with its newline (added if the input's last line lacks one), so that a parser can
  /// run over all of them at once. Splitter::kPadding readable bytes follow. Lives until the next
  /// call of Splitter::room.
  std::string_view bytes;
  /// Where in the input `bytes` begins.
  std::uint64_t position = 0;
  /// The block is one line, ended by the end of input and not by a newline.
  bool unended = false;
  /// Not 0: the block is the beginning of one line, without a newline, whose rest was skipped, and
  /// this is the size of the whole line. Such a block is not parsed.
  std::uint64_t original_size = 0;
};

/// Iterates over the lines of a block.
class Lines {
 public:
  Lines(const Block& block, std::uint64_t max_line_bytes)
      : rest_(block.bytes), original_size_(block.original_size), max_line_bytes_(max_line_bytes) {}

  /// The next line, blank ones too; false after the last.
  bool next(Line& line);
  /// NULs and byte order marks before the lines so far.
  std::uint64_t skipped_bytes() const { return skipped_bytes_; }

 private:
  std::string_view rest_;
  std::uint64_t skipped_bytes_ = 0;
  std::uint64_t original_size_;
  std::uint64_t max_line_bytes_;
};

/// Turns the bytes of an input, in whatever pieces they come, into blocks of whole lines. The lines
/// depend only on the bytes, never on the pieces. Owns the buffer that is read into; keeps the
/// beginning of a line over max_line_bytes and skips the rest, so its memory stays below
/// max_line_bytes + 2 blocks, whatever comes. NULs and byte order marks before a line count towards
/// neither its length nor the memory. Not thread-safe.
///
///   while ((n = read(fd, splitter.room())) > 0) {
///     splitter.commit(n);
///     while (splitter.next(block)) …
///   }
///   splitter.end_input();
///   while (splitter.next(block)) …
class Splitter {
 public:
  static constexpr std::size_t kPadding = 64;
  static constexpr std::size_t kDefaultBlockBytes = 256u << 10;

  explicit Splitter(std::uint64_t max_line_bytes, std::size_t block_bytes = kDefaultBlockBytes);

  /// Where the next bytes go: a quarter of block_bytes at least. Ends the life of every block. The
  /// buffer is made by the first call, and by the first after `release`.
  std::span<char> room();
  /// `bytes` of the room now hold input.
  void commit(std::size_t bytes);
  /// The next block of what was committed; false if there is none until more comes.
  bool next(Block& block);
  /// What was committed is all of this input: its last line needs no newline. Once the blocks are
  /// taken, another input may begin.
  void end_input();
  /// The beginning of a line whose newline has not come yet; empty if there is none, or if it is
  /// already over-long. Lives until the next call.
  std::string_view begun_line() const {
    return skipping_ ? std::string_view() : std::string_view(data_.get() + begin_, end_ - begin_);
  }
  /// Discards the beginning of a line whose rest will not be read. Another input may begin.
  void discard_line() { reset(); }

  /// The same, and the next bytes stand at `offset` in theirs.
  void begin_at(std::uint64_t offset) {
    reset();
    offset_ = offset;
  }

  /// Ends the line that was begun as one that is too long: what came of it is the next block, of
  /// which `original_size` is only a lower bound, and the rest up to its newline is skipped without
  /// being kept. Nothing happens where no line was begun.
  void cut_line();
  /// Gives back the memory that holds no begun line, but for a quarter of what that takes. Ends the
  /// life of every block.
  void release();

  /// NULs and byte order marks that were dropped before they got into a block, of all inputs.
  std::uint64_t skipped_bytes() const { return framing_; }

  /// Bytes that the buffer takes now.
  std::size_t buffer_bytes() const { return data_ ? capacity_ + kPadding : 0; }

 private:
  bool skip(Block& block);
  bool skip_rest();
  void drop_framing();
  void reset();

  std::uint64_t max_line_bytes_;
  std::size_t block_bytes_;
  std::unique_ptr<char[]> data_;
  std::size_t capacity_ = 0;      ///< of data_, padding not included
  std::size_t begin_ = 0;         ///< the first byte that was not handed out
  std::size_t end_ = 0;           ///< behind the last byte that was committed
  std::size_t scanned_ = 0;       ///< no newline stands in [begin_, scanned_)
  std::uint64_t offset_ = 0;      ///< where in the input data_[0] would stand, for what is behind
                                  ///< the beginning that is kept of an over-long line
  std::uint64_t skipped_ = 0;     ///< bytes of an over-long line that were let go
  std::uint64_t skipped_at_ = 0;  ///< where that line began in the input
  bool skipping_ = false;
  bool last_skipped_is_return_ = false;
  bool cut_now_ = false;        ///< the next block is what is held of the line
  bool skipping_rest_ = false;  ///< of a line that was handed out: up to its newline
  std::uint64_t framing_ = 0;
  bool ended_ = false;
};

}  // namespace ship
