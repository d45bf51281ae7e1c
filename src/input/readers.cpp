#include "input/readers.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace ship {

namespace {

/// The entries of the settings that one reader takes in turn, and those that many write to.
struct Entries {
  std::vector<std::string> files;
  std::vector<std::string> shared;

  explicit Entries(const InputSettings& settings) {
    for (const std::string& path : settings.paths) {
      (SharedInput::is_one(path, settings) ? shared : files).push_back(path);
    }
  }
  /// Where there is nothing else, standard input is read.
  bool files_or_standard_input() const { return !files.empty() || shared.empty(); }
};

}  // namespace

std::size_t Readers::filters_needed(const InputSettings& settings, std::size_t open_inputs) {
  const Entries entries(settings);
  const std::size_t files = entries.files_or_standard_input() ? 1 : 0;
  return (open_inputs > 0 ? open_inputs : files) + entries.shared.size();
}

Result<std::unique_ptr<Readers>> Readers::open(const Options& options,
                                               std::vector<OpenInput> inputs,
                                               const Intake::OnRecords& on_records,
                                               const Intake::OnInvalidLine& on_invalid_line,
                                               Reader::OnDone on_done, Clock& clock) {
  std::unique_ptr<Readers> readers(new Readers(std::move(on_done)));
  const auto on_end = [raw = readers.get()](Result<void> outcome) {
    raw->take_end(std::move(outcome));
  };
  const Entries entries(options.input);
  Intake::Options intake{options.input,       nullptr,         Stream::standard_output,
                         options.keep_colors, options.prompts, options.numbers};
  intake.input.paths = entries.files;
  std::size_t filters_taken = 0;
  const auto next_filter = [&filters_taken, &options]() -> RecordFilter* {
    const std::size_t index = filters_taken++;
    return index < options.filters.size() ? options.filters[index] : nullptr;
  };
  const auto add = [&readers](Result<std::unique_ptr<Reader>> reader) -> Result<void> {
    if (!reader) return std::move(reader).error();
    readers->readers_.push_back(std::move(reader).value());
    ++readers->running_;
    return {};
  };
  if (inputs.empty() && options.input.follow && !entries.files.empty()) {
    intake.filter = next_filter();
    auto opened =
        Follower::open(intake, options.follow, on_records, on_invalid_line, on_end, clock);
    if (!opened) return std::move(opened).error();
    readers->follower_ = std::move(opened).value();
    ++readers->running_;
  } else if (inputs.empty() && entries.files_or_standard_input()) {
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
  if (entries.shared.empty()) return readers;
  intake.stream = Stream::standard_output;
  intake.prompts = false;
  std::vector<std::unique_ptr<SharedInput>> shared;
  for (const std::string& path : entries.shared) {
    intake.filter = next_filter();
    auto opened = SharedInput::open(path, intake, on_records, on_invalid_line, clock);
    if (!opened) return std::move(opened).error();
    shared.push_back(std::move(opened).value());
  }
  auto sockets = SocketReader::open(options.input, std::move(shared), on_end, clock);
  if (!sockets) return std::move(sockets).error();
  readers->sockets_ = std::move(sockets).value();
  ++readers->running_;
  return readers;
}

void Readers::start() {
  for (auto& reader : readers_) reader->start();
  if (follower_) follower_->start();
  if (sockets_) sockets_->start();
}

void Readers::begin_drain() {
  for (auto& reader : readers_) reader->begin_drain();
  if (follower_) follower_->begin_drain();
  if (sockets_) sockets_->begin_drain();
}

void Readers::stop() {
  for (auto& reader : readers_) reader->stop();
  if (follower_) follower_->stop();
  if (sockets_) sockets_->stop();
}

void Readers::join() {
  for (auto& reader : readers_) reader->join();
  if (follower_) follower_->join();
  if (sockets_) sockets_->join();
}

void Readers::look_again() {
  if (follower_) follower_->look_again();
}

InputCounts Readers::counts() const {
  InputCounts sum;
  for (const InputReport& report : reports()) sum += report.counts;
  return sum;
}

std::vector<InputReport> Readers::reports() const {
  std::vector<InputReport> all;
  const auto add = [&all](std::vector<InputReport> reports) {
    for (InputReport& report : reports) all.push_back(std::move(report));
  };
  for (const auto& reader : readers_) add(reader->reports());
  if (follower_) add({follower_->report()});
  if (sockets_) add(sockets_->reports());
  std::map<std::string, int> seen;
  for (InputReport& report : all) {
    const int times = ++seen[report.name];
    if (times > 1) report.name += " (" + std::to_string(times) + ")";
  }
  return all;
}

LoopTimes Readers::loop_times() const {
  LoopTimes all;
  for (const auto& reader : readers_) all.add(reader->loop_times());
  if (sockets_) all.add(sockets_->loop_times());
  return all;
}

SteadyTime Readers::last_read() const {
  SteadyTime last{};
  for (const auto& reader : readers_) last = std::max(last, reader->last_read());
  if (follower_) last = std::max(last, follower_->last_read());
  if (sockets_) last = std::max(last, sockets_->last_read());
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
