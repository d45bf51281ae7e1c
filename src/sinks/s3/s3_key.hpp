#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/compression.hpp"
#include "record/record.hpp"
#include "rows/labels.hpp"
#include "sinks/name_pattern.hpp"

namespace ship {

/// The keys of a sink's objects: prefix and pattern, and behind them what makes a key belong to
/// these records alone,
///
///   logs/shop/2026/11/22/web-1-090000-0123456789abcdef0123456789abcdef-17-89abcdef.ndjson.gz
///
/// the identity of the first record (its run and its number in that), the CRC-32 of the lines, and
/// how they are written. The same records always have the same key, and other records another one:
/// no object ever takes the place of another. Belongs to one thread.
class S3Key {
 public:
  /// Errors: config, for a pattern that cannot be read.
  static Result<S3Key> parse(std::string prefix, std::string_view pattern);

  /// What `{host}` and the labels' names in braces stand for. Errors: config, for a name in braces
  /// that is neither.
  Result<void> set_names(const std::string& host, const Labels& labels);

  /// Of an object that holds `records`. `batch_id` stands in for an identity that the first one
  /// lacks.
  std::string of(std::span<const Record> records, std::string_view batch_id, Compression kind);
  /// How an object of this key is compressed: its ending says so.
  static Compression compression(std::string_view key);

 private:
  S3Key(std::string prefix, NamePattern pattern)
      : prefix_(std::move(prefix)), pattern_(std::move(pattern)) {}

  std::string prefix_;
  NamePattern pattern_;
  std::vector<std::string> texts_;  ///< for the pattern's fields, in their order
};

}  // namespace ship
