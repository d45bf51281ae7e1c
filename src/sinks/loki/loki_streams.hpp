#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/log.hpp"
#include "record/field.hpp"
#include "record/record.hpp"
#include "sinks/loki/loki_settings.hpp"

namespace ship {

/// Loki's own default for a label's value; longer ones go to the structured metadata.
inline constexpr std::size_t kMaxLabelValueBytes = 2048;

/// `name` as a name that Loki accepts ([a-zA-Z_][a-zA-Z0-9_]*, no leading "__"): every other
/// character becomes "_". Never empty.
std::string loki_label_name(std::string_view name);

/// One structured metadata pair of an entry. The name lives as long as the LokiStreams, the value
/// until the next `begin`.
struct LokiMetadata {
  std::string_view name;
  std::string_view value;
};

/// One record's place in a stream.
struct LokiEntry {
  std::uint32_t record = 0;       ///< its index in the batch
  std::uint32_t metadata_at = 0;  ///< its pairs are metadata()[metadata_at, …)
  std::uint32_t metadata_count = 0;
};

/// Records with the same labels.
struct LokiStream {
  Labels labels;                    ///< sorted by name
  std::string text;                 ///< the same, as {a="b",c="d"}
  std::vector<std::string> values;  ///< of the label fields, in the order of the settings
  /// The records of the current batch, in order.
  std::vector<LokiEntry> entries;
};

/// Groups the records of a batch into Loki streams, by their labels. Belongs to one thread.
///
/// Labels are the static ones, and one for each label field: the field's value, looked up as
/// FieldFinder does, under the field's path as a label name ("log.logger" becomes log_logger), or
/// under NAME if the setting says NAME=PATH. The fields "level" and "log.level" are the record's
/// level as Record has it, in its canonical spelling ("WARNING"), or in capitals if the name is
/// unknown. A static label wins over a field of the same name. Empty values are dropped; objects
/// and arrays are not label values. If no static label has a value, job="fapilog-ship" is added: a
/// stream needs a label.
///
/// At most `max_streams` streams are ever made. The last one is reserved for a stream with only the
/// static labels, which takes the records that would need one more; their label values become
/// structured metadata.
class LokiStreams {
 public:
  /// `all_labels` are for every sink; `settings.labels` win over them.
  LokiStreams(const LokiSinkSettings& settings, const Labels& all_labels, LogFunction log);

  /// Forgets the records of the previous batch, but not its streams.
  void begin();
  /// Puts a record into its stream. Uses `record` only during the call.
  void add(const Record& record, std::uint32_t index);

  /// The streams that have records, in the order of their first record.
  std::span<const std::uint32_t> used() const { return used_; }
  const LokiStream& stream(std::uint32_t index) const { return streams_[index]; }
  std::span<const LokiMetadata> metadata(const LokiEntry& entry) const;
  /// How many records are in the streams.
  std::size_t records() const { return records_; }

 private:
  /// A label or metadata field: its name, and where its value comes from.
  struct Source {
    std::string name;
    bool is_level = false;
    std::size_t path = 0;  ///< in finder_
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };

  std::vector<Source> sources(const std::vector<std::string>& settings,
                              std::vector<std::string>& paths) const;
  std::string_view value_of(const Source& source, const Record& record,
                            std::span<const Field> fields, bool is_label);
  void add_metadata(std::string_view name, std::string_view value);
  std::uint32_t stream_for(std::span<const std::string_view> values);
  std::optional<std::uint32_t> recent_stream(std::span<const std::string_view> values) const;
  std::uint32_t make_stream(std::span<const std::string_view> values);

  Labels static_labels_;
  std::string static_text_;  ///< {a="b"
  std::vector<Source> labels_;
  std::vector<Source> metadata_fields_;
  FieldFinder finder_{{}};
  std::uint32_t max_streams_;
  LogFunction log_;
  bool warned_ = false;

  std::vector<LokiStream> streams_;
  std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>> by_text_;
  std::vector<std::uint32_t> used_;
  std::size_t records_ = 0;

  std::string key_;
  std::string level_;
  std::vector<std::string_view> values_;
  std::vector<LokiMetadata> pairs_;
  std::uint32_t entry_at_ = 0;     ///< where the pairs of the current entry begin
  std::deque<std::string> texts_;  ///< the values of pairs_; a deque, so that they do not move
  std::size_t texts_used_ = 0;
};

}  // namespace ship
