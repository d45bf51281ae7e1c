#include "assembly/stage_check.hpp"

#include <utility>

#include "base/clock.hpp"
#include "stage/choose/filter_chain.hpp"
#include "stage/pipeline.hpp"

namespace ship {
namespace {

/// The stages prefix their messages with their key.
StageFault fault_of(std::string sink, const Error& error) {
  const std::size_t colon = error.message.find(": ");
  if (colon == std::string::npos) return {std::move(sink), "", error.message};
  return {std::move(sink), error.message.substr(0, colon), error.message.substr(colon + 2)};
}

}  // namespace

std::vector<StageFault> check_stages(const Settings& settings) {
  std::vector<StageFault> faults;
  const auto check_filter = [&](const std::string& sink, const FilterSettings& filter) {
    auto filter_chain = FilterChain::make(filter, system_clock(), 0);
    if (!filter_chain) faults.push_back(fault_of(sink, filter_chain.error()));
  };
  check_filter("", settings.filter);
  for (const SinkSettings& sink : settings.sinks) {
    if (sink.filter != settings.filter) check_filter(sink.name, sink.filter);
  }
  for (const Error& error : PipelinePlan::check(settings)) faults.push_back(fault_of("", error));
  return faults;
}

}  // namespace ship
