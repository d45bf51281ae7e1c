#include "delivery/worker.hpp"

#include <algorithm>

#include "base/scheduling.hpp"

namespace ship {

using std::chrono::duration;
using std::chrono::milliseconds;

namespace {

/// The status (RFC 6585, 4) of a request or item that was turned away unread.
constexpr int kTooManyRequests = 429;

}  // namespace

Worker::Worker(Lane& lane, std::unique_ptr<Sink> sink, Clock& clock, std::string run_id,
               DeadLetters* dead_letters, ParkedThread thread)
    : lane_(lane),
      sink_(std::move(sink)),
      clock_(clock),
      run_id_(std::move(run_id)),
      dead_letters_(dead_letters),
      thread_(std::move(thread)) {}

void Worker::start() {
  context_ = lane_.worker_context();
  thread_.run([this] { run(); });
}

void Worker::join() { thread_.join(); }

void Worker::run() {
  use_batch_scheduling();
  pipeline_ = lane_.pipelines().lend();
  std::stop_token closing = context_.stop;
  bool going = true;
  while (going) {
    switch (lane_.take(in_flight_, sink_->wake_at(), context_)) {
      case Lane::Taken::batch:
        deliver(transform_in_flight());
        if (sink_->is_lost()) lane_.sink_lost(context_);
        lane_.give_back(in_flight_, todo_.empty() ? in_flight_.size() : sort_finished_first());
        lane_.tell_settled();
        break;
      case Lane::Taken::wake:
        sink_->wake();
        break;
      case Lane::Taken::reopen:
        sink_->reopen();
        break;
      case Lane::Taken::replaced: {
        // The next generation waits: what its sink can resume need not be finished.
        std::stop_source at_once;
        at_once.request_stop();
        closing = at_once.get_token();
        going = false;
        break;
      }
      case Lane::Taken::ended:
        going = false;
        break;
    }
    hand_on_notes(false);
  }
  lane_.pipelines().take_back(pipeline_);
  sink_->close(closing);
  hand_on_notes(true);
  ended_ = true;
  lane_.worker_ended(context_);
}

void Worker::hand_on_notes(bool at_end) {
  for (SinkNote& note : sink_->take_notes()) notes_.push_back(std::move(note));
  Lane* const anchor = context_.targets.anchor;
  std::size_t taken = 0;
  for (const SinkNote& note : notes_) {
    Record record;
    record.line = note.line;
    record.id = note.id;
    record.time = clock_.wall();
    record.level = kAudit;
    if (anchor != nullptr && at_end) anchor->submit_diverted({&record, 1});
    if (anchor != nullptr && !at_end && anchor->offer_diverted({&record, 1}) == 0) break;
    ++taken;
  }
  notes_.erase(notes_.begin(), notes_.begin() + static_cast<std::ptrdiff_t>(taken));
}

std::size_t Worker::transform_in_flight() {
  Batch* batch = in_flight_.memory();
  if (!pipeline_ || !batch) return 0;
  const std::vector<LeftOut> left_out = transform(*batch, *pipeline_);
  in_flight_.move_to_front(0, in_flight_.size(), indices_of(left_out));
  endings_.clear();
  for (std::size_t i = 0; i < left_out.size(); ++i) {
    endings_.push_back({i, i + 1, left_out[i].ending});
  }
  lane_.settle(in_flight_, endings_);
  return left_out.size();
}

void Worker::deliver(std::size_t begin) {
  lane_.tap().offer(in_flight_.records(begin, in_flight_.size()));
  todo_.clear();
  if (begin < in_flight_.size())
    todo_.push_back({begin,
                     in_flight_.size(),
                     {},
                     in_flight_.in_doubt(),
                     in_flight_.name(),
                     !in_flight_.name().empty()});
  while (!todo_.empty()) {
    const Range range = todo_.back();
    todo_.pop_back();
    if (!attempt(range)) return;
  }
}

std::size_t Worker::sort_finished_first() {
  std::vector<bool> left(in_flight_.size(), false);
  for (const Range& range : todo_) {
    for (std::size_t i = range.begin; i < range.end; ++i) left[i] = true;
  }
  std::vector<std::uint32_t> finished;
  for (std::uint32_t i = 0; i < left.size(); ++i) {
    if (!left[i]) finished.push_back(i);
  }
  in_flight_.move_to_front(0, in_flight_.size(), finished);
  return finished.size();
}

std::string Worker::batch_id(const Range& range) const {
  // The same for every attempt at the same records, even after a restart; other records differ in a
  // bound or in the count.
  const std::span<const Record> records = in_flight_.records(range.begin, range.end);
  const auto bound = [&](const Record& record, std::size_t index) {
    return record.id ? record_id_text(record.id)
                     : run_id_ + "-" + std::to_string(in_flight_.sequence(index));
  };
  return lane_.name() + "-" + bound(records.front(), range.begin) + "-" +
         bound(records.back(), range.end - 1) + "-" + std::to_string(records.size());
}

Result<void> Worker::claim(Range& range, const std::string& id) {
  if (range.claimed || !in_flight_.from_disk()) return {};
  range.name = sink_->object_name(in_flight_.records(range.begin, range.end), id);
  if (!range.name.empty()) {
    if (auto claimed = lane_.claim(in_flight_, range.begin, range.end, range.name); !claimed) {
      return claimed;
    }
  }
  range.claimed = true;
  return {};
}

bool Worker::attempt(Range range) {
  RetryController::Attempt attempt;
  switch (lane_.retry().wait_for_turn(attempt, context_.generation,
                                      context_.targets.fallback != nullptr)) {
    case RetryController::Turn::send:
      break;
    case RetryController::Turn::divert:
      sink_->abandon();
      lane_.divert(in_flight_, range.begin, range.end, *context_.targets.fallback);
      return true;
    case RetryController::Turn::stopped:
      if (range.in_doubt) in_flight_.put_in_doubt();
      todo_.push_back(range);
      return false;
  }
  const SteadyTime begun = clock_.steady();
  if (range.first_attempt == SteadyTime{}) range.first_attempt = begun;

  const std::string id = batch_id(range);
  const Result<void> claimed = claim(range, id);
  const Verdict verdict =
      claimed ? sink_->send(in_flight_.records(range.begin, range.end),
                            SendContext{context_.stop, id, range.in_doubt, range.name})
              : Verdict::of(Verdict::Kind::retry, claimed.error().code,
                            "the spool cannot note the object: " + claimed.error().message);

  const SteadyTime now = clock_.steady();
  attempt.seconds = duration<double>(now - begun).count();
  attempt.bytes_sent = verdict.bytes_sent;
  const std::size_t records = range.end - range.begin;
  attempt.records = records;
  const milliseconds max_elapsed = lane_.retry_max_elapsed();
  const bool expired = max_elapsed.count() > 0 && now - range.first_attempt >= max_elapsed;
  const Decision decision = decide(verdict.kind, records, expired);
  const bool some_again =
      decision == Decision::settle_items && verdict.health() == Verdict::Health::throttling;
  attempt.will_retry = decision == Decision::try_again || (some_again && !expired);

  if (decision == Decision::try_again && context_.stop.stop_requested()) {
    lane_.retry().interrupted(attempt);
    in_flight_.put_in_doubt();
    todo_.push_back(range);
    return false;
  }
  const std::uint32_t limit = lane_.retry().limit();
  attempt.backlog = lane_.has_full_batch();
  lane_.retry().answered(attempt, verdict);
  if (lane_.retry().limit() != limit) lane_.limit_changed();
  carry_out(decision, verdict, range, expired);
  return true;
}

void Worker::carry_out(Decision decision, const Verdict& verdict, Range range, bool expired) {
  endings_.clear();
  switch (decision) {
    case Decision::deliver:
      endings_.push_back({range.begin, range.end, Ending::delivered});
      break;
    case Decision::try_again:
      // Nothing was stored if the server asked to wait.
      range.in_doubt = range.in_doubt || verdict.status != kTooManyRequests;
      todo_.push_back(range);
      return;
    case Decision::refuse:
      give_up(range, verdict, Ending::rejected);
      break;
    case Decision::expire:
      sink_->abandon();
      give_up(range, verdict, Ending::expired);
      break;
    case Decision::halve: {
      const std::size_t middle = range.begin + (range.end - range.begin) / 2;
      todo_.push_back({middle, range.end, range.first_attempt, range.in_doubt, {}, false});
      todo_.push_back({range.begin, middle, range.first_attempt, range.in_doubt, {}, false});
      return;
    }
    case Decision::settle_items:
      return settle_items(verdict, range, expired);
  }
  settle();
}

void Worker::give_up(std::size_t index, int status, const std::string& reason, Ending otherwise) {
  given_up_.push_back({index, index + 1, otherwise});
  if (!dead_letters_) return;
  const Record& record = in_flight_.records(index, index + 1).front();
  letters_.push_back({lane_.name(), status, reason, record.line, record.id});
}

void Worker::give_up(const Range& range, const Verdict& verdict, Ending otherwise) {
  for (std::size_t i = range.begin; i < range.end; ++i) {
    give_up(i, verdict.status, verdict.reason, otherwise);
  }
}

void Worker::settle() {
  const std::size_t written = letters_.empty() ? 0 : dead_letters_->write(letters_);
  for (std::size_t i = 0; i < written; ++i) given_up_[i].ending = Ending::dead_lettered;
  endings_.insert(endings_.end(), given_up_.begin(), given_up_.end());
  lane_.settle(in_flight_, endings_);
  letters_.clear();
  given_up_.clear();
}

void Worker::settle_items(const Verdict& verdict, Range range, bool expired) {
  std::vector<std::uint32_t> again;
  std::uint64_t unnamed = verdict.unnamed_rejections;
  auto item = verdict.items.begin();
  for (std::size_t i = range.begin; i < range.end; ++i) {
    const auto index = static_cast<std::uint32_t>(i - range.begin);
    if (item != verdict.items.end() && item->index == index) {
      const Verdict::Item& found = *item++;
      if (found.retry && !expired) {
        range.in_doubt = range.in_doubt || found.status != kTooManyRequests;
        again.push_back(index);
      } else if (found.duplicate) {
        endings_.push_back({i, i + 1, Ending::duplicate});
      } else {
        give_up(i, found.status, found.reason, found.retry ? Ending::expired : Ending::rejected);
      }
      continue;
    }
    // The server may report only how many it refused: the count is right, but nobody knows which
    // ones.
    endings_.push_back({i, i + 1, unnamed > 0 ? Ending::rejected : Ending::delivered});
    if (unnamed > 0) --unnamed;
  }
  settle();
  if (again.empty()) {
    sink_->abandon();
    return;
  }
  in_flight_.move_to_front(range.begin, range.end, again);
  todo_.push_back(
      {range.begin, range.begin + again.size(), range.first_attempt, range.in_doubt, {}, false});
}

}  // namespace ship
