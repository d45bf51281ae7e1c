#include "config/promises.hpp"

#include <chrono>

#include "base/units.hpp"

namespace ship {
namespace {

template <class T>
const T* value_of(const Values& values, std::string_view key) {
  const auto given = values.find(key);
  return given == values.end() ? nullptr : std::get_if<T>(&given->second.value);
}

/// " (queue.wait, app.toml:3:8)".
std::string because(const Values& values, const std::string& key) {
  const auto given = values.find(key);
  return " (" + key + (given == values.end() ? "" : ", " + given->second.origin.text()) + ")";
}

std::string joined(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : ", ") + item;
  return text;
}

std::string sink_text(const SinkValues& sink) { return "sink " + sink.name; }

/// What a full queue of this sink means for the writer, and for the lines.
std::string on_full(const SinkValues& sink) {
  const Values& values = sink.values;
  const bool* drops = value_of<bool>(values, "queue.drop_on_full");
  if (drops != nullptr && !*drops) {
    return "the input waits while " + sink_text(sink) + " is slow or down" +
           because(values, "queue.drop_on_full");
  }
  std::string text = "the input never waits for " + sink_text(sink);
  const auto* wait = value_of<std::chrono::milliseconds>(values, "queue.wait");
  if (wait != nullptr && wait->count() > 0) {
    text = "the input waits at most " + print_duration(*wait) + " for " + sink_text(sink) +
           because(values, "queue.wait");
  }
  if (const auto* spool = value_of<std::string>(values, "spool.dir")) {
    return text + ": what its queue cannot hold goes to disk in " + *spool +
           because(values, "spool.dir");
  }
  return text +
         ": what its queue cannot hold is dropped, protected levels last; "
         "--keep DIR puts it on disk instead";
}

void add_redaction(const Values& globals, std::vector<std::string>& sentences) {
  const auto* sets = value_of<std::vector<std::string>>(globals, "redact.presets");
  if (sets == nullptr || sets->empty()) return;
  const auto* on_error = value_of<std::string>(globals, "redact.on_error");
  const bool passes = on_error != nullptr && *on_error == "pass";
  sentences.push_back("redacted: " + joined(*sets) + because(globals, "redact.presets") +
                      (passes ? "; a line that cannot be redacted passes"
                              : "; a line that cannot be redacted is dropped"));
}

}  // namespace

std::vector<std::string> promises(const Effective& effective) {
  std::vector<std::string> sentences;
  const Values& globals = effective.globals;
  for (const SinkValues& sink : effective.sinks) sentences.push_back(on_full(sink));
  if (const auto* level = value_of<std::string>(globals, "filter.min_level")) {
    sentences.push_back("lines below " + *level + " are left out" +
                        because(globals, "filter.min_level"));
  }
  add_redaction(globals, sentences);
  for (const SinkValues& sink : effective.sinks) {
    const auto* order = value_of<std::string>(sink.values, "delivery.order");
    const auto* workers = value_of<std::uint64_t>(sink.values, "delivery.workers");
    if (order == nullptr || *order == "keep" || workers == nullptr || *workers == 1) continue;
    const bool asked = *workers > 1;
    sentences.push_back("batches of " + sink_text(sink) + " may arrive out of order" +
                        (asked ? because(sink.values, "delivery.workers") : "") +
                        "; --order keep sends one after the other");
  }
  return sentences;
}

}  // namespace ship
