#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "record/record.hpp"
#include "sinks/verdict.hpp"

namespace ship {

/// How one request of a protocol is built from entries, one for each record, and what it takes at
/// most. Sizes are those before compression.
struct RequestForm {
  std::string open;            ///< before the first entry
  std::string close;           ///< after the last one
  std::string_view separator;  ///< between two; static
  std::size_t max_bytes = 0;   ///< of the whole request
  std::size_t max_entries = 0;
  std::size_t max_entry_bytes = 0;  ///< a longer one is refused here; 0: none is, it goes alone
  std::string too_long;             ///< why
};

/// Sends one batch as one request, or as several where it is more than one takes: one after the
/// other, in order. Once one of them is stored the verdict is `partial` at least, and what is not
/// stored goes again alone. Belongs to one thread.
class RequestSeries {
 public:
  /// Appends the entry of one record to `body`. A text: why the record is refused; what was
  /// appended is taken back.
  using Append = std::function<std::optional<std::string>(const Record& record, std::string& body)>;
  /// Sends one request with `entries` entries. The items of its verdict count from the first one.
  using Post = std::function<Verdict(std::string_view body, std::size_t entries)>;

  explicit RequestSeries(RequestForm form) : form_(std::move(form)) {}

  Verdict send(std::span<const Record> records, const Append& append, const Post& post);
  /// The bodies that `send` would post, a line each.
  std::string text(std::span<const Record> records, const Append& append);

 private:
  void reserve(std::span<const Record> records);

  const RequestForm form_;
  std::string body_;  ///< kept for its memory
  /// What an entry is longer than its line, at most on the average of a batch so far: a body that
  /// has its memory at once takes half of what one that grows does.
  std::size_t overhead_ = 256;
};

}  // namespace ship
