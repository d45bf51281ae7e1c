#include "seal/seal_anchor.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "record/json_text.hpp"
#include "record/json_walk.hpp"

namespace ship {

std::string anchor_record(std::string_view path, std::string_view chain, const SealEntry& manifest,
                          std::string_view root) {
  std::string line = R"({"timestamp":")" + manifest.to +
                     R"(","level":"AUDIT","message":"sealed a log file","path":)";
  append_json_string(line, path);
  const auto text = [&line](std::string_view key, std::string_view value) {
    line += ",\"" + std::string(key) + "\":\"" + std::string(value) + '"';
  };
  const auto number = [&line](std::string_view key, std::uint64_t value) {
    line += ",\"" + std::string(key) + "\":" + std::to_string(value);
  };
  text("chain", chain);
  number("file", manifest.file);
  text("reason", manifest.reason);
  number("record", manifest.record);
  number("records", manifest.records);
  text("root", root);
  text("key", manifest.key);
  text("signature", manifest.signature);
  return line + '}';
}

RecordId anchor_id(const SealEntry& manifest, std::string_view root) {
  const std::string text = std::string(root.substr(0, 32)) + '-' + std::to_string(manifest.file);
  return parse_record_id(text).value_or(RecordId());
}

std::vector<SealAnchor> parse_anchors(std::string_view text) {
  std::vector<SealAnchor> anchors;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.find("\"root\"") == std::string_view::npos) continue;
    SealAnchor anchor;
    for (JsonWalk walk(line); walk.next();) {
      const JsonValue& value = walk.value();
      if (walk.key() == "chain") anchor.chain = value.text();
      if (walk.key() == "root") anchor.root = value.text();
      if (walk.key() == "file") {
        std::from_chars(value.raw.data(), value.raw.data() + value.raw.size(), anchor.file);
      }
    }
    if (!anchor.chain.empty() && anchor.file > 0) anchors.push_back(std::move(anchor));
  }
  return anchors;
}

}  // namespace ship
