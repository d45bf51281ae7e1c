#include "stats/admin/history.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>

#include "record/json_text.hpp"

namespace ship {
namespace {

std::string text_of(std::uint64_t count) { return std::to_string(count); }

std::string text_of(double seconds) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%.6g", seconds);
  return digits;
}

}  // namespace

void History::add(const StatsSnapshot& snapshot) {
  Sample sample{snapshot.uptime_seconds, snapshot.input.lines, {}};
  sample.sinks.resize(names_.size());
  for (const LaneSnapshot& sink : snapshot.sinks) {
    const std::size_t index = index_of(sink.name);
    if (index >= sample.sinks.size()) sample.sinks.resize(index + 1);
    sample.sinks[index] = {sink.counts.submitted,       sink.counts.delivered,
                           sink.counts.dropped_total(), sink.queue_depth,
                           sink.counts.spooled,         sink.flush_seconds.count(),
                           sink.flush_seconds.sum()};
  }
  samples_.push_back(std::move(sample));
  if (samples_.size() > kSamples) samples_.pop_front();
}

std::size_t History::index_of(const std::string& name) {
  const auto known = std::find(names_.begin(), names_.end(), name);
  if (known != names_.end()) return static_cast<std::size_t>(known - names_.begin());
  names_.push_back(name);
  return names_.size() - 1;
}

/// "[1,2,null]": what `value` takes from each sample, null if nothing.
std::string History::column(const auto& value) const {
  std::string text = "[";
  for (const Sample& sample : samples_) {
    if (text.size() > 1) text += ',';
    const auto one = value(sample);
    text += one ? text_of(*one) : "null";
  }
  return text + "]";
}

std::string History::json() const {
  std::string text = "{\"interval_seconds\":1,\"at\":";
  text += column([](const Sample& sample) { return std::optional(sample.at); });
  text += ",\"lines\":" + column([](const Sample& sample) { return std::optional(sample.lines); });
  text += ",\"sinks\":{";
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (i > 0) text += ',';
    append_json_string(text, names_[i]);
    text += ":{";
    const auto add = [&](const char* name, auto member, const char* end = ",") {
      text += std::string("\"") + name + "\":" + column([&](const Sample& sample) {
                using Value = std::remove_cvref_t<decltype(sample.sinks[0].*member)>;
                return i < sample.sinks.size() ? std::optional<Value>(sample.sinks[i].*member)
                                               : std::nullopt;
              }) +
              end;
    };
    add("submitted", &OfSink::submitted);
    add("delivered", &OfSink::delivered);
    add("dropped", &OfSink::dropped);
    add("queue_depth", &OfSink::queue_depth);
    add("spooled", &OfSink::spooled);
    add("flushes", &OfSink::flushes);
    add("flush_seconds", &OfSink::flush_seconds, "}");
  }
  return text + "}}\n";
}

}  // namespace ship
