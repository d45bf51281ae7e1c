#include "delivery/worker.hpp"

#include <algorithm>

#include "base/scheduling.hpp"

namespace ship {

using std::chrono::duration;
using std::chrono::milliseconds;

Worker::Worker(Lane& lane, std::unique_ptr<Sink> sink, Clock& clock, std::string run_id,
               DeadLetters* dead_letters)
    : lane_(lane),
      sink_(std::move(sink)),
      clock_(clock),
      run_id_(std::move(run_id)),
      dead_letters_(dead_letters) {}

void Worker::start() {
  context_ = lane_.worker_context();
  thread_ = std::thread([this] { run(); });
}

void Worker::join() {
  if (thread_.joinable()) thread_.join();
}

void Worker::run() {
  use_batch_scheduling();
  pipeline_ = lane_.lend_pipeline();
  std::stop_token closing = context_.stop;
  bool going = true;
  while (going) {
    switch (lane_.take(in_flight_, sink_->wake_at(), context_)) {
      case Lane::Taken::batch:
        deliver(transform_in_flight());
        if (sink_->is_lost()) lane_.sink_lost(context_);
        lane_.give_back(in_flight_, todo_.empty() ? in_flight_.size() : sort_finished_first());
        break;
      case Lane::Taken::wake:
        sink_->wake();
        break;
      case Lane::Taken::reopen:
        sink_->reopen();
        break;
      case Lane::Taken::replaced: {
        // The next generation waits: what its sink can take up again need not be finished.
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
  }
  lane_.take_back(pipeline_);
  sink_->close(closing);
  ended_ = true;
  lane_.worker_ended(context_);
}

std::size_t Worker::transform_in_flight() {
  Batch* batch = in_flight_.memory();
  if (!pipeline_ || !batch) return 0;
  const std::vector<LeftOut> left_out = transform(*batch, *pipeline_);
  in_flight_.move_to_front(0, in_flight_.size(), indices_of(left_out));
  for (std::size_t i = 0; i < left_out.size(); ++i) {
    lane_.settle(in_flight_, i, i + 1, left_out[i].outcome);
  }
  return left_out.size();
}

void Worker::deliver(std::size_t begin) {
  todo_.clear();
  if (begin < in_flight_.size()) todo_.push_back(Range{begin, in_flight_.size(), {}});
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
  // The same for each attempt at the same records; other records differ in a bound or in the count.
  return run_id_ + "-" + lane_.name() + "-" + std::to_string(in_flight_.sequence(range.begin)) +
         "-" + std::to_string(in_flight_.sequence(range.end - 1)) + "-" +
         std::to_string(range.end - range.begin);
}

bool Worker::attempt(Range range) {
  RetryController::Attempt attempt;
  switch (lane_.retry().wait_for_turn(attempt, context_.generation, context_.fallback != nullptr)) {
    case RetryController::Turn::send:
      break;
    case RetryController::Turn::divert:
      sink_->abandon();
      lane_.divert(in_flight_, range.begin, range.end, *context_.fallback);
      return true;
    case RetryController::Turn::stopped:
      todo_.push_back(range);
      return false;
  }
  const SteadyTime begun = clock_.steady();
  if (range.first_attempt == SteadyTime{}) range.first_attempt = begun;

  const std::string id = batch_id(range);
  const Verdict verdict =
      sink_->send(in_flight_.records(range.begin, range.end), SendContext{context_.stop, id});

  const SteadyTime now = clock_.steady();
  attempt.seconds = duration<double>(now - begun).count();
  attempt.bytes_sent = verdict.bytes_sent;
  const std::size_t records = range.end - range.begin;
  attempt.records = records;
  const milliseconds max_elapsed = lane_.retry_max_elapsed();
  const bool expired = max_elapsed.count() > 0 && now - range.first_attempt >= max_elapsed;
  const Decision decision = decide(verdict, records, expired);
  const bool some_again = decision.action == Decision::Action::settle_items &&
                          decision.health == Decision::Health::throttling && !expired;
  attempt.will_retry = decision.action == Decision::Action::try_again || some_again;

  if (decision.action == Decision::Action::try_again && context_.stop.stop_requested()) {
    lane_.retry().failed(attempt, RetryController::Failure::cancelled, {}, {});
    todo_.push_back(range);
    return false;
  }
  report(attempt, decision, verdict);

  switch (decision.action) {
    case Decision::Action::deliver:
      lane_.settle(in_flight_, range.begin, range.end, Outcome::delivered);
      break;
    case Decision::Action::try_again:
      todo_.push_back(range);
      break;
    case Decision::Action::refuse:
      send_to_dead_letters(range.begin, range.end, verdict.status, verdict.reason,
                           Outcome::rejected);
      break;
    case Decision::Action::expire:
      sink_->abandon();
      send_to_dead_letters(range.begin, range.end, verdict.status, verdict.reason,
                           Outcome::expired);
      break;
    case Decision::Action::halve: {
      const std::size_t middle = range.begin + records / 2;
      todo_.push_back({middle, range.end, range.first_attempt});
      todo_.push_back({range.begin, middle, range.first_attempt});
      break;
    }
    case Decision::Action::settle_items:
      settle_items(verdict, range, expired);
      break;
  }
  return true;
}

void Worker::report(const RetryController::Attempt& attempt, const Decision& decision,
                    const Verdict& verdict) {
  const milliseconds retry_after = verdict.retry_after.value_or(milliseconds{0});
  switch (decision.health) {
    case Decision::Health::good:
      if (verdict.kind == Verdict::Kind::ok) {
        lane_.retry().succeeded(attempt);
      } else {
        lane_.retry().failed(attempt, RetryController::Failure::refused, retry_after,
                             verdict.reason);
      }
      break;
    case Decision::Health::failing:
      lane_.retry().failed(attempt, RetryController::Failure::failing, retry_after, verdict.reason);
      break;
    case Decision::Health::throttling:
      lane_.retry().failed(attempt, RetryController::Failure::throttling, retry_after,
                           verdict.reason);
      break;
    case Decision::Health::needs_operator:
      lane_.retry().failed(attempt, RetryController::Failure::needs_operator, retry_after,
                           verdict.reason);
      break;
  }
}

void Worker::send_to_dead_letters(std::size_t begin, std::size_t end, int status,
                                  const std::string& reason, Outcome otherwise) {
  std::size_t written = 0;
  if (dead_letters_) {
    std::vector<DeadLetter> letters;
    for (const Record& record : in_flight_.records(begin, end)) {
      letters.push_back({lane_.name(), status, reason, record.line});
    }
    written = dead_letters_->write(letters);
  }
  lane_.settle(in_flight_, begin, begin + written, Outcome::dead_lettered);
  lane_.settle(in_flight_, begin + written, end, otherwise);
}

void Worker::settle_items(const Verdict& verdict, const Range& range, bool expired) {
  std::vector<std::uint32_t> again;
  std::uint64_t unnamed = verdict.unnamed_rejections;
  auto item = verdict.items.begin();
  for (std::size_t i = range.begin; i < range.end; ++i) {
    const auto index = static_cast<std::uint32_t>(i - range.begin);
    if (item != verdict.items.end() && item->index == index) {
      const Verdict::Item& found = *item++;
      if (found.retry && !expired) {
        again.push_back(index);
      } else {
        send_to_dead_letters(i, i + 1, found.status, found.reason,
                             found.retry ? Outcome::expired : Outcome::rejected);
      }
      continue;
    }
    // The server may tell only how many it refused: the count is right, which ones nobody knows.
    lane_.settle(in_flight_, i, i + 1, unnamed > 0 ? Outcome::rejected : Outcome::delivered);
    if (unnamed > 0) --unnamed;
  }
  if (again.empty()) {
    sink_->abandon();
    return;
  }
  in_flight_.move_to_front(range.begin, range.end, again);
  todo_.push_back({range.begin, range.begin + again.size(), range.first_attempt});
}

}  // namespace ship
