#include "delivery/replayer.hpp"

#include <algorithm>
#include <cstring>

#include "base/scheduling.hpp"

namespace ship {
namespace {

/// What was refused once is sent unchanged: neither cut nor treated as invalid again.
Intake::Options replay_options(const InputSettings& input) {
  Intake::Options options{input, nullptr, Stream::standard_output};
  options.input.on_invalid = OnInvalid::wrap;
  options.input.max_line_bytes = std::max<std::uint64_t>(input.max_line_bytes, 64u << 20);
  return options;
}

}  // namespace

Result<std::unique_ptr<Replayer>> Replayer::open(Files& files,
                                                 const std::vector<std::string>& paths,
                                                 const InputSettings& input,
                                                 std::vector<Lane*> lanes, OnDone on_done,
                                                 Clock& clock) {
  std::vector<DeadLetterReplay> replays;
  for (const std::string& path : paths) {
    auto replay = DeadLetterReplay::open(files, path);
    if (!replay) return std::move(replay).error();
    replays.push_back(std::move(replay).value());
  }
  auto thread = ParkedThread::make();
  if (!thread) return std::move(thread).error();
  return std::unique_ptr<Replayer>(new Replayer(std::move(replays), input, std::move(lanes),
                                                std::move(on_done), clock,
                                                std::move(thread).value()));
}

Replayer::Replayer(std::vector<DeadLetterReplay> replays, const InputSettings& input,
                   std::vector<Lane*> lanes, OnDone on_done, Clock& clock, ParkedThread thread)
    : replays_(std::move(replays)),
      lanes_(std::move(lanes)),
      on_done_(std::move(on_done)),
      intake_(
          replay_options(input),
          [this](std::span<const Record> records) {
            if (target_) {
              target_->submit_diverted(records);
            } else {
              for (Lane* lane : lanes_) lane->submit(records);
            }
          },
          nullptr, clock),
      thread_(std::move(thread)) {}

void Replayer::start() {
  thread_.run([this] { run(); });
}

void Replayer::join() { thread_.join(); }

void Replayer::run() {
  use_batch_scheduling();
  Result<void> result = read_all();
  read_to_the_end_ = result.ok() && !stopping_;
  on_done_(std::move(result));
}

Result<void> Replayer::read_all() {
  StoredDeadLetter letter;
  for (DeadLetterReplay& replay : replays_) {
    while (!stopping_) {
      auto next = replay.next(letter);
      if (!next) return std::move(next).error();
      if (next.value() == DeadLetterReplay::Next::end) break;
      // A line that is not a dead letter is still data: it goes to all lanes unchanged.
      if (next.value() == DeadLetterReplay::Next::malformed) letter.sink.clear();
      hand_over(letter);
    }
  }
  return {};
}

void Replayer::hand_over(const StoredDeadLetter& letter) {
  const auto found = std::find_if(lanes_.begin(), lanes_.end(),
                                  [&](const Lane* lane) { return lane->name() == letter.sink; });
  target_ = found == lanes_.end() ? nullptr : *found;
  if (letter.id) intake_.identify_next(letter.id);
  std::string_view rest = letter.record;
  while (!rest.empty()) {
    const std::span<char> room = intake_.room();
    const std::size_t size = std::min(room.size(), rest.size());
    std::memcpy(room.data(), rest.data(), size);
    intake_.take(size);
    rest.remove_prefix(size);
  }
  // Ending the input ends the line, which hands it over while `target_` is still set.
  intake_.end_input();
}

Result<void> Replayer::finish() {
  if (!read_to_the_end_) return {};
  for (DeadLetterReplay& replay : replays_) {
    if (auto finished = replay.finish(); !finished) return finished;
  }
  return {};
}

}  // namespace ship
