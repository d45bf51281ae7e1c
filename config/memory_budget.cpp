#include "config/memory_budget.hpp"

#include <algorithm>

#include "base/units.hpp"
#include "input/input_address.hpp"

namespace ship {
namespace {

constexpr std::uint64_t kMiB = 1u << 20;
/// The program itself, its libraries, the reader's buffers.
constexpr std::uint64_t kBase = 32 * kMiB;
/// Part of that: the default of input.pending_bytes.
constexpr std::uint64_t kPendingInBase = 8 * kMiB;
/// A smaller queue is no use: one long line would fill it.
constexpr std::uint64_t kSmallestQueue = 2 * kMiB;

std::uint64_t number(const SinkValues& sink, std::string_view key) {
  const auto found = sink.values.find(key);
  if (found == sink.values.end()) return 0;
  const auto* value = std::get_if<std::uint64_t>(&found->second.value);
  return value ? *value : 0;
}

/// What a sink's workers take in addition to the queue, which is charged for their batches.
std::uint64_t workers_bytes(const SinkValues& sink) {
  const SinkType& type = *sink.url.type;
  const std::uint64_t workers = number(sink, "delivery.workers");
  return (workers > 0 ? workers : number(sink, "delivery.max_in_flight")) *
         (type.worker_bytes + number(sink, "delivery.batch_size") * type.record_bytes);
}

/// What connections may hold beyond what the base has room for.
std::uint64_t connections_bytes(const Effective& effective) {
  const auto paths = effective.globals.find("input.path");
  if (paths == effective.globals.end()) return 0;
  const auto& given = std::get<std::vector<std::string>>(paths->second.value);
  if (std::none_of(given.begin(), given.end(), InputAddress::is_one)) return 0;
  const auto bound = effective.globals.find("input.pending_bytes");
  if (bound == effective.globals.end()) return 0;
  const auto pending = std::get<std::uint64_t>(bound->second.value);
  return pending > kPendingInBase ? pending - kPendingInBase : 0;
}

}  // namespace

std::uint64_t memory_ceiling(const Effective& effective) {
  std::uint64_t bytes = kBase + connections_bytes(effective);
  for (const SinkValues& sink : effective.sinks) {
    bytes += number(sink, "queue.max_bytes") + workers_bytes(sink);
  }
  return bytes;
}

void fit_memory(Effective& effective, std::optional<std::uint64_t> limit, Sources& sources) {
  if (!limit || memory_ceiling(effective) <= *limit) return;

  std::vector<Given*> defaults;
  std::uint64_t fixed = memory_ceiling(effective);
  for (SinkValues& sink : effective.sinks) {
    const auto found = sink.values.find("queue.max_bytes");
    if (found == sink.values.end()) continue;
    if (found->second.origin.source != Origin::Source::built_in) continue;
    fixed -= number(sink, "queue.max_bytes");
    defaults.push_back(&found->second);
  }
  const std::string container = "the container's memory limit of " + print_size(*limit);
  if (!defaults.empty()) {
    const std::uint64_t left = *limit > fixed ? *limit - fixed : 0;
    const std::uint64_t each = std::max(left / defaults.size() / kMiB * kMiB, kSmallestQueue);
    for (Given* given : defaults) {
      if (std::get<std::uint64_t>(given->value) <= each) continue;
      given->value = each;
      given->origin.name = "lowered to fit " + container;
    }
    sources.warn("queue.max_bytes is lowered to " + print_size(each) + " for each sink, to fit " +
                 container);
  }
  const std::uint64_t ceiling = memory_ceiling(effective);
  if (ceiling > *limit) {
    sources.warn("the settings allow " + print_size(ceiling) + " of memory, more than " +
                 container +
                 ": lower queue.max_bytes or delivery.workers, or raise "
                 "the limit");
  }
}

}  // namespace ship
