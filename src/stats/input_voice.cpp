#include "stats/input_voice.hpp"

#include "base/number_text.hpp"

namespace ship {
namespace {

constexpr double kSecondsBetween = 60;

}  // namespace

bool InputVoice::Told::take(std::uint64_t now_at, double now) {
  if (now_at <= count || now < again_at) return false;
  count = now_at;
  again_at = now + kSecondsBetween;
  return true;
}

std::vector<Voice::Line> InputVoice::hear(const StatsSnapshot& snapshot) {
  std::vector<Voice::Line> lines;
  for (const InputReport& input : snapshot.inputs) {
    const bool shared = input.connections || input.type == "fifo";
    if (shared) hear_input(input, snapshot.uptime_seconds, inputs_[input.name], lines);
  }
  return lines;
}

void InputVoice::hear_input(const InputReport& input, double now, Memory& memory,
                            std::vector<Voice::Line>& lines) {
  const std::string name = "input " + input.name + ": ";
  if (!memory.begun) {
    memory.begun = true;
    lines.push_back({LogLevel::info, input.connections ? "listening on " + input.name
                                                       : "reading the FIFO " + input.name});
  }
  if (input.remade > memory.remade) {
    memory.remade = input.remade;
    lines.push_back({LogLevel::warning,
                     name + "its path was deleted or replaced under the shipper, and is there "
                            "again; those who were connected were not disturbed"});
  }
  if (input.trouble != memory.trouble && !input.trouble.empty() && now >= memory.trouble_again_at) {
    memory.trouble = input.trouble;
    memory.trouble_again_at = now + kSecondsBetween;
    const bool named = input.trouble.starts_with("input ");
    lines.push_back({LogLevel::error, (named ? "" : name) + input.trouble + "; trying again"});
  }
  if (input.trouble.empty() && now >= memory.trouble_again_at) memory.trouble.clear();
  if (memory.cut.take(input.cut, now)) {
    lines.push_back({LogLevel::warning,
                     name + counted(input.cut, "line") +
                         " cut so far: connections sent more than input.pending_bytes without a "
                         "newline; the longest lines give way"});
  }
  if (!input.connections) return;
  const ConnectionCounts& connections = *input.connections;
  if (memory.refused.take(connections.refused, now)) {
    lines.push_back(
        {LogLevel::warning, name + counted(connections.refused, "connection") +
                                " closed at once so far: as many are open as input.max_connections "
                                "allows; raise it, or close those that are not used "
                                "(input.idle_timeout)"});
  }
}

}  // namespace ship
