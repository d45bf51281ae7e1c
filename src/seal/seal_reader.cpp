#include "seal/seal_reader.hpp"

#include <utility>

namespace ship {
namespace {

constexpr std::size_t kSealPiece = 256 * 1024;

/// The last complete line; `size` is where it ends. There must be one.
Result<std::string> last_line(File& file, std::uint64_t& size) {
  auto status = file.status();
  if (!status.ok()) return std::move(status).error();
  const std::uint64_t whole = status.value().size;
  for (std::uint64_t span = kSealPiece;; span *= 4) {
    const std::uint64_t begin = whole > span ? whole - span : 0;
    std::string text(whole - begin, '\0');
    std::size_t read = 0;
    while (read < text.size()) {
      auto got = file.read_at(begin + read, text.data() + read, text.size() - read);
      if (!got.ok()) return std::move(got).error();
      if (got.value() == 0) break;
      read += got.value();
    }
    text.resize(read);
    const std::size_t end = text.rfind('\n');
    const std::size_t before = end == 0 ? std::string::npos : text.rfind('\n', end - 1);
    if (begin > 0 && (end == std::string::npos || before == std::string::npos)) continue;
    if (end == std::string::npos) return Error{ErrorKind::io, "the seal shrinks as it is read"};
    const std::size_t start = before == std::string::npos ? 0 : before + 1;
    size = begin + end + 1;
    return text.substr(start, end - start);
  }
}

}  // namespace

Result<std::optional<std::string_view>> SealReader::next() {
  std::size_t searched = begin_;
  for (;;) {
    const std::size_t newline = buffer_.find('\n', searched);
    if (newline != std::string::npos) {
      const std::string_view line = std::string_view(buffer_).substr(begin_, newline - begin_);
      line_at_ = offset_ + begin_;
      begin_ = newline + 1;
      return std::optional(line);
    }
    buffer_.erase(0, begin_);
    offset_ += std::exchange(begin_, 0);
    searched = buffer_.size();
    buffer_.resize(searched + kSealPiece);
    auto got = file_.read_at(offset_ + searched, buffer_.data() + searched, kSealPiece);
    buffer_.resize(searched + (got.ok() ? got.value() : 0));
    if (!got.ok()) return std::move(got).error();
    if (got.value() == 0) return std::optional<std::string_view>();
  }
}

Result<std::optional<SealTail>> read_seal_tail(Files& files, const std::string& path) {
  auto opened = files.open(path, OpenMode::read);
  if (!opened.ok()) return std::move(opened).error();
  File& file = *opened.value();
  SealReader reader(file);
  auto line = reader.next();
  if (!line.ok()) return std::move(line).error();
  if (!line.value()) return std::optional<SealTail>();
  SealTail tail;
  auto first = parse_seal_line(*line.value());
  if (!first.ok()) return std::move(first).error().in(path);
  tail.first = std::move(first).value();
  auto last = last_line(file, tail.size);
  if (!last.ok()) return std::move(last).error();
  auto entry = parse_seal_line(last.value());
  if (!entry.ok()) return std::move(entry).error().in(path);
  tail.last = std::move(entry).value();
  tail.last_hash = seal_line_hash(last.value());
  tail.sealed = tail.last.end();
  if (tail.first.kind == SealEntry::Kind::open) return std::optional(std::move(tail));
  return Error{ErrorKind::corrupt, path + " does not begin as a seal does"};
}

}  // namespace ship
