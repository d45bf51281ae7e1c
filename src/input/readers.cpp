#include "input/readers.hpp"

#include <algorithm>
#include <utility>

namespace ship {

Result<std::unique_ptr<Readers>> Readers::open(const Options& options,
                                               std::vector<OpenInput> inputs,
                                               const Intake::OnRecords& on_records,
                                               const Intake::OnInvalidLine& on_invalid_line,
                                               Reader::OnDone on_done, Clock& clock) {
  std::unique_ptr<Readers> readers(new Readers(std::move(on_done)));
  const auto on_end = [raw = readers.get()](Result<void> outcome) {
    raw->take_end(std::move(outcome));
  };
  Intake::Options intake{options.input,       nullptr,         Stream::standard_output,
                         options.keep_colors, options.prompts, options.numbers};
  const auto next_filter = [&readers, &options]() -> RecordFilter* {
    const std::size_t index = readers->readers_.size();
    return index < options.filters.size() ? options.filters[index] : nullptr;
  };
  const auto add = [&readers](Result<std::unique_ptr<Reader>> reader) -> Result<void> {
    if (!reader) return std::move(reader).error();
    readers->readers_.push_back(std::move(reader).value());
    ++readers->running_;
    return {};
  };
  if (inputs.empty() && options.input.follow) {
    intake.filter = next_filter();
    auto opened =
        Follower::open(intake, options.follow, on_records, on_invalid_line, on_end, clock);
    if (!opened) return std::move(opened).error();
    readers->follower_ = std::move(opened).value();
    ++readers->running_;
    return readers;
  }
  if (inputs.empty()) {
    intake.filter = next_filter();
    auto added = add(Reader::open(intake, on_records, on_invalid_line, on_end, clock));
    if (!added) return std::move(added).error();
  }
  for (OpenInput& input : inputs) {
    intake.stream = input.stream;
    intake.filter = next_filter();
    Source source = Source::adopt(std::move(input.fd), std::move(input.name));
    auto added =
        add(Reader::open(std::move(source), intake, on_records, on_invalid_line, on_end, clock));
    if (!added) return std::move(added).error();
  }
  return readers;
}

void Readers::start() {
  for (auto& reader : readers_) reader->start();
  if (follower_) follower_->start();
}

void Readers::begin_drain() {
  for (auto& reader : readers_) reader->begin_drain();
  if (follower_) follower_->begin_drain();
}

void Readers::stop() {
  for (auto& reader : readers_) reader->stop();
  if (follower_) follower_->stop();
}

void Readers::join() {
  for (auto& reader : readers_) reader->join();
  if (follower_) follower_->join();
}

void Readers::look_again() {
  if (follower_) follower_->look_again();
}

InputCounts Readers::counts() const {
  InputCounts sum;
  for (const auto& reader : readers_) sum += reader->counts();
  if (follower_) sum += follower_->counts();
  return sum;
}

LoopTimes Readers::loop_times() const {
  LoopTimes all;
  for (const auto& reader : readers_) all.add(reader->loop_times());
  return all;
}

SteadyTime Readers::last_read() const {
  SteadyTime last{};
  for (const auto& reader : readers_) last = std::max(last, reader->last_read());
  if (follower_) last = std::max(last, follower_->last_read());
  return last;
}

void Readers::take_end(Result<void> outcome) {
  {
    const std::lock_guard lock(mutex_);
    if (outcome_ && !outcome) outcome_ = std::move(outcome);
    if (--running_ > 0) return;
    outcome = std::move(outcome_);
  }
  on_done_(std::move(outcome));
}

}  // namespace ship
