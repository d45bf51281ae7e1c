#include "sinks/s3/s3_key.hpp"

#include <algorithm>
#include <utility>

#include "base/hex.hpp"
#include "base/utf8.hpp"
#include "net/crc32.hpp"
#include "net/digest.hpp"
#include "record/identity.hpp"

namespace ship {
namespace {

constexpr std::string_view kEnding = ".ndjson";
constexpr std::pair<Compression, std::string_view> kEndings[] = {{Compression::gzip, ".gz"},
                                                                 {Compression::zstd, ".zst"}};
/// S3 takes 1,024 bytes; what stands behind this has less than 100.
constexpr std::size_t kMostBytes = 900;

std::string identity_of(const Record& record, std::string_view batch_id) {
  if (record.id) return record_id_text(record.id);
  return hex_text(sha256({batch_id})).substr(0, 32) + "-0";
}

}  // namespace

Result<S3Key> S3Key::parse(std::string prefix, std::string_view pattern) {
  Result<NamePattern> parsed = NamePattern::parse(pattern);
  if (!parsed) return std::move(parsed).error();
  while (prefix.starts_with('/')) prefix.erase(0, 1);
  if (!prefix.empty() && !prefix.ends_with('/')) prefix += '/';
  return S3Key(std::move(prefix), std::move(parsed).value());
}

Result<void> S3Key::set_names(const std::string& host, const Labels& labels) {
  texts_.clear();
  for (const std::string& name : pattern_.fields()) {
    const auto label = std::find_if(labels.begin(), labels.end(),
                                    [&](const auto& one) { return one.first == name; });
    if (label != labels.end()) {
      texts_.push_back(label->second);
    } else if (name == "host") {
      texts_.push_back(host);
    } else {
      return Error{ErrorKind::config,
                   "{" + name +
                       "} is neither {host} nor a label: an object has records of many "
                       "kinds, so that their fields cannot name it; set the label " +
                       name};
    }
  }
  return {};
}

std::string S3Key::of(std::span<const Record> records, std::string_view batch_id,
                      Compression kind) {
  std::vector<Field> fields(texts_.size());
  for (std::size_t i = 0; i < texts_.size(); ++i) {
    fields[i].kind = JsonKind::string;
    fields[i].text = texts_[i];
  }
  std::string rendered;
  pattern_.render(records.front().time, fields, rendered);
  std::string key = prefix_ + rendered;
  key.resize(utf8_prefix(key, kMostBytes).size());
  std::uint32_t sum = 0;
  for (const Record& record : records) sum = crc32("\n", crc32(record.line, sum));
  key += (rendered.empty() || rendered.ends_with('/') ? "" : "-") +
         identity_of(records.front(), batch_id) + "-";
  for (int shift = 24; shift >= 0; shift -= 8) {
    append_hex(key, static_cast<unsigned char>(sum >> shift));
  }
  key += kEnding;
  for (const auto& [one, ending] : kEndings) {
    if (one == kind) key += ending;
  }
  return key;
}

Compression S3Key::compression(std::string_view key) {
  for (const auto& [kind, ending] : kEndings) {
    if (key.ends_with(ending)) return kind;
  }
  return Compression::none;
}

}  // namespace ship
