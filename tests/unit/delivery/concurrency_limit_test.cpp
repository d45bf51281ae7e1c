#include "delivery/concurrency_limit.hpp"

#include <functional>
#include <queue>
#include <random>

#include "tests/catch.hpp"

using namespace ship;
using Health = Verdict::Health;

namespace {

/// A server that answers a request which found `others` more in flight.
struct Answer {
  double seconds = 0;
  Health health = Health::good;
};
using Server = std::function<Answer(double now, std::uint32_t others)>;

struct Ran {
  double requests_per_second = 0;
  double mean_limit = 0;
  std::uint32_t last_limit = 0;
};

/// Keeps as many requests in flight as the limit allows, with more waiting, on a clock of its own.
Ran run(const Server& server, double seconds, std::uint32_t most = 16) {
  struct Request {
    double ends;
    double took;
    std::uint64_t round;
    Health health;
    bool operator>(const Request& other) const { return ends > other.ends; }
  };
  ConcurrencyLimit limit(most);
  std::priority_queue<Request, std::vector<Request>, std::greater<>> in_flight;
  double now = 0;
  std::uint64_t good = 0;
  double limits = 0;
  std::uint64_t answers = 0;
  while (now < seconds) {
    while (in_flight.size() < limit.now()) {
      const Answer answer = server(now, static_cast<std::uint32_t>(in_flight.size()));
      in_flight.push({now + answer.seconds, answer.seconds, limit.round(), answer.health});
    }
    const Request done = in_flight.top();
    in_flight.pop();
    now = done.ends;
    good += done.health == Health::good;
    limit.answered(done.round, done.health, std::chrono::duration<double>(done.took), true);
    limits += limit.now();
    ++answers;
  }
  return {static_cast<double>(good) / seconds, limits / static_cast<double>(answers), limit.now()};
}

void answer_round(ConcurrencyLimit& limit, double seconds, Health health = Health::good,
                  bool backlog = true) {
  const std::uint64_t round = limit.round();
  for (std::uint32_t i = limit.now(); i > 0; --i) {
    limit.answered(round, health, std::chrono::duration<double>(seconds), backlog);
  }
}

}  // namespace

TEST_CASE("concurrency: starts at four and doubles each round trip while full batches wait",
          "[concurrency]") {
  ConcurrencyLimit limit(16);
  CHECK(limit.now() == 4);
  answer_round(limit, 0.2);
  CHECK(limit.now() == 8);
  answer_round(limit, 0.25);
  CHECK(limit.now() == 16);
  answer_round(limit, 0.2);
  CHECK(limit.now() == 16);
}

TEST_CASE("concurrency: does not grow where no full batch waits", "[concurrency]") {
  ConcurrencyLimit limit(16);
  for (int i = 0; i < 10; ++i) answer_round(limit, 0.2, Health::good, false);
  CHECK(limit.now() == 4);
}

TEST_CASE("concurrency: a refusal halves, once a round trip, and growth is by one from then on",
          "[concurrency]") {
  const auto health = GENERATE(Health::throttling, Health::failing, Health::needs_operator);
  ConcurrencyLimit limit(16);
  for (int i = 0; i < 3; ++i) answer_round(limit, 0.2);
  REQUIRE(limit.now() == 16);
  answer_round(limit, 0.01, health);
  CHECK(limit.now() == 8);
  answer_round(limit, 0.2);
  CHECK(limit.now() == 9);
}

TEST_CASE("concurrency: growth by one ends at the most that is allowed", "[concurrency]") {
  ConcurrencyLimit limit(6);
  answer_round(limit, 0.2, Health::throttling);
  for (int i = 0; i < 20; ++i) answer_round(limit, 0.2);
  CHECK(limit.now() == 6);
}

TEST_CASE("concurrency: an attempt that was interrupted says nothing", "[concurrency]") {
  ConcurrencyLimit limit(16);
  answer_round(limit, 10, Health::unknown);
  CHECK(limit.now() == 4);
}

TEST_CASE("concurrency: when the breaker opens one request probes", "[concurrency]") {
  ConcurrencyLimit limit(16);
  answer_round(limit, 0.2);
  limit.opened();
  CHECK(limit.now() == 1);
  answer_round(limit, 3);
  CHECK(limit.now() == 2);
}

TEST_CASE("concurrency: a fixed number stays, whatever happens", "[concurrency]") {
  ConcurrencyLimit limit = ConcurrencyLimit::fixed(3);
  answer_round(limit, 0.2);
  answer_round(limit, 0.2, Health::throttling);
  limit.opened();
  CHECK(limit.now() == 3);
}

TEST_CASE("concurrency: a server with a fixed latency gets as many requests as allowed",
          "[concurrency][model]") {
  const double seconds = GENERATE(0.002, 0.02, 0.2, 0.5);
  const Ran ran = run([=](double, std::uint32_t) { return Answer{seconds}; }, 20);
  CHECK(ran.last_limit == 16);
  CHECK(ran.requests_per_second > 14 / seconds);
}

TEST_CASE("concurrency: jitter is not taken for congestion", "[concurrency][model]") {
  std::mt19937 random(GENERATE(range(1u, 41u)));
  std::uniform_real_distribution<double> jitter(0.1, 0.5);
  const Ran ran = run([&](double, std::uint32_t) { return Answer{jitter(random)}; }, 60);
  CHECK(ran.mean_limit > 8);
}

TEST_CASE("concurrency: a server that queues what it cannot do at once is kept busy, not flooded",
          "[concurrency][model]") {
  // Four at a time, 100 ms each.
  double free_at[4] = {};
  const Ran ran = run(
      [&](double now, std::uint32_t) {
        double& worker = *std::min_element(std::begin(free_at), std::end(free_at));
        worker = std::max(worker, now) + 0.1;
        return Answer{worker - now};
      },
      60, 64);
  CHECK(ran.requests_per_second > 36);
  CHECK(ran.mean_limit < 20);
}

TEST_CASE("concurrency: one refusal in a hundred costs little", "[concurrency][model]") {
  std::mt19937 random(7);
  const Ran ran = run(
      [&](double, std::uint32_t) {
        return random() % 100 == 0 ? Answer{0.01, Health::throttling} : Answer{0.2};
      },
      60);
  CHECK(ran.mean_limit > 6);
}

TEST_CASE("concurrency: a rate limit is met with few refusals", "[concurrency][model]") {
  // Fifty a second, ten at once.
  double tokens = 10;
  double last = 0;
  std::uint64_t refused = 0;
  std::uint64_t asked = 0;
  const Ran ran = run(
      [&](double now, std::uint32_t) {
        tokens = std::min(10.0, tokens + (now - last) * 50);
        last = now;
        ++asked;
        if (tokens < 1) {
          ++refused;
          return Answer{0.05, Health::throttling};
        }
        tokens -= 1;
        return Answer{0.1};
      },
      60);
  CHECK(ran.requests_per_second > 25);
  CHECK(refused * 4 < asked);
}

TEST_CASE("concurrency: a server that collapses under load is given less", "[concurrency][model]") {
  const Ran ran = run(
      [](double, std::uint32_t others) {
        const double n = others + 1.0;
        return Answer{0.05 * n * n};
      },
      60);
  CHECK(ran.mean_limit < 5);
}
