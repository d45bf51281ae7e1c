#include "sinks/loki/loki_streams.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "base/hex.hpp"

namespace ship {
namespace {

bool is_ascii_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Appends `value` in quotes as LogQL reads it, by Go's rules for string literals.
void append_quoted(std::string& out, std::string_view value) {
  out += '"';
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7F) {
      out += "\\u00";
      append_hex(out, byte);
    } else {
      out += c;
    }
  }
  out += '"';
}

void append_label(std::string& out, std::string_view name, std::string_view value) {
  if (out.back() != '{') out += ',';
  out += name;
  out += '=';
  append_quoted(out, value);
}

}  // namespace

std::string loki_label_name(std::string_view name) {
  std::string label;
  for (const char c : name) {
    const bool fits = is_ascii_letter(c) || c == '_' || (is_digit(c) && !label.empty());
    label += fits ? c : '_';
  }
  if (!name.empty() && is_digit(name.front())) label.insert(1, 1, name.front());
  // Names that start with two underscores belong to Loki itself.
  if (label.starts_with("__"))
    label.erase(0, std::min(label.find_first_not_of('_'), label.size()) - 1);
  return label.empty() ? "_" : label;
}

LokiStreams::LokiStreams(const LokiSinkSettings& settings, const Labels& all_labels,
                         LogFunction log)
    : max_streams_(std::max<std::uint32_t>(settings.max_streams, 1)), log_(std::move(log)) {
  for (const Labels* labels : {&settings.labels, &all_labels}) {
    for (const auto& [name, value] : *labels) {
      std::string label = loki_label_name(name);
      const bool known = std::any_of(static_labels_.begin(), static_labels_.end(),
                                     [&](const auto& other) { return other.first == label; });
      if (!known) static_labels_.emplace_back(std::move(label), value);
    }
  }
  std::erase_if(static_labels_, [](const auto& label) { return label.second.empty(); });
  if (static_labels_.empty()) static_labels_.emplace_back("job", "fapilog-ship");
  std::sort(static_labels_.begin(), static_labels_.end());
  static_text_ = "{";
  for (const auto& [name, value] : static_labels_) append_label(static_text_, name, value);

  std::vector<std::string> paths;
  labels_ = sources(settings.label_fields, paths);
  std::erase_if(labels_, [&](const Source& source) {
    return std::any_of(static_labels_.begin(), static_labels_.end(),
                       [&](const auto& label) { return label.first == source.name; });
  });
  metadata_fields_ = sources(settings.structured_metadata, paths);
  finder_ = FieldFinder(std::move(paths));
}

std::vector<LokiStreams::Source> LokiStreams::sources(const std::vector<std::string>& settings,
                                                      std::vector<std::string>& paths) const {
  std::vector<Source> found;
  for (const std::string_view setting : settings) {
    const std::size_t equals = setting.find('=');
    const std::string_view path =
        equals == std::string_view::npos ? setting : setting.substr(equals + 1);
    Source source;
    source.name = loki_label_name(setting.substr(0, equals));
    source.is_level = path == "level" || path == "log.level";
    source.path = paths.size();
    const bool known = std::any_of(found.begin(), found.end(),
                                   [&](const Source& other) { return other.name == source.name; });
    if (known) continue;
    if (!source.is_level) paths.emplace_back(path);
    found.push_back(std::move(source));
  }
  return found;
}

void LokiStreams::begin() {
  for (const std::uint32_t index : used_) streams_[index].entries.clear();
  used_.clear();
  pairs_.clear();
  texts_used_ = 0;
  records_ = 0;
}

std::string_view LokiStreams::value_of(const Source& source, const Record& record,
                                       std::span<const Field> fields, bool is_label) {
  if (source.is_level) {
    if (record.level.name != LevelName::other || record.level_size == 0) {
      return level_text(record.level);
    }
    level_ = record.level_name();
    for (char& c : level_) {
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return level_;
  }
  const Field& field = fields[source.path];
  return is_label && !field.is_scalar() ? std::string_view() : field.text;
}

void LokiStreams::add_metadata(std::string_view name, std::string_view value) {
  if (value.empty()) return;
  const auto same_name = [&](const LokiMetadata& pair) { return pair.name == name; };
  if (std::any_of(pairs_.begin() + entry_at_, pairs_.end(), same_name)) return;
  if (texts_used_ == texts_.size()) texts_.emplace_back();
  std::string& text = texts_[texts_used_++];
  text = value;
  pairs_.push_back({name, text});
}

void LokiStreams::add(const Record& record, std::uint32_t index) {
  const std::span<const Field> fields =
      finder_.paths().empty() ? std::span<const Field>() : finder_.find(record.line);
  LokiEntry entry;
  entry.record = index;
  entry.metadata_at = entry_at_ = static_cast<std::uint32_t>(pairs_.size());
  for (const Source& source : metadata_fields_) {
    add_metadata(source.name, value_of(source, record, fields, false));
  }
  values_.clear();
  for (const Source& source : labels_) {
    std::string_view value = value_of(source, record, fields, true);
    if (value.size() > kMaxLabelValueBytes) {
      add_metadata(source.name, value);
      value = {};
    }
    values_.push_back(value);
  }
  const std::uint32_t chosen = stream_for(values_);
  entry.metadata_count = static_cast<std::uint32_t>(pairs_.size()) - entry.metadata_at;
  LokiStream& stream = streams_[chosen];
  if (stream.entries.empty()) used_.push_back(chosen);
  stream.entries.push_back(entry);
  ++records_;
}

/// Lines of one batch have few different labels: comparing with its first streams costs less than
/// writing and hashing the labels.
std::optional<std::uint32_t> LokiStreams::recent_stream(
    std::span<const std::string_view> values) const {
  constexpr std::size_t kRecent = 8;
  const auto end = used_.begin() + static_cast<std::ptrdiff_t>(std::min(used_.size(), kRecent));
  const auto found = std::find_if(used_.begin(), end, [&](std::uint32_t index) {
    return std::equal(values.begin(), values.end(), streams_[index].values.begin());
  });
  return found == end ? std::nullopt : std::optional(*found);
}

std::uint32_t LokiStreams::stream_for(std::span<const std::string_view> values) {
  if (const auto recent = recent_stream(values)) return *recent;
  key_ = static_text_;
  for (std::size_t i = 0; i < labels_.size(); ++i) {
    if (!values[i].empty()) append_label(key_, labels_[i].name, values[i]);
  }
  key_ += '}';
  const bool only_static = key_.size() == static_text_.size() + 1;
  if (const auto known = by_text_.find(std::string_view(key_)); known != by_text_.end()) {
    return known->second;
  }
  const bool has_static = by_text_.contains(std::string_view(static_text_ + "}"));
  const std::size_t others = streams_.size() - (has_static ? 1 : 0);
  if (only_static || others + 1 < max_streams_) return make_stream(values);

  if (!warned_) {
    warned_ = true;
    log_(LogLevel::warning,
         "the label fields make more than max_streams = " + std::to_string(max_streams_) +
             " Loki streams; further label values go to structured metadata");
  }
  for (std::size_t i = 0; i < labels_.size(); ++i) add_metadata(labels_[i].name, values[i]);
  const std::vector<std::string_view> none(labels_.size());
  return stream_for(none);
}

std::uint32_t LokiStreams::make_stream(std::span<const std::string_view> values) {
  LokiStream stream;
  stream.text = key_;
  stream.labels = static_labels_;
  stream.values.assign(values.begin(), values.end());
  for (std::size_t i = 0; i < labels_.size(); ++i) {
    if (!values[i].empty()) stream.labels.emplace_back(labels_[i].name, values[i]);
  }
  std::sort(stream.labels.begin(), stream.labels.end());
  const auto index = static_cast<std::uint32_t>(streams_.size());
  by_text_.emplace(stream.text, index);
  streams_.push_back(std::move(stream));
  return index;
}

std::span<const LokiMetadata> LokiStreams::metadata(const LokiEntry& entry) const {
  return std::span(pairs_).subspan(entry.metadata_at, entry.metadata_count);
}

}  // namespace ship
