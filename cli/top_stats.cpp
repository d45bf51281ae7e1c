#include "cli/top_stats.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "record/json_walk.hpp"

namespace ship {
namespace {

constexpr double kLossesShown = 10;  // seconds for which a loss is shown
constexpr double kHangsAfter = 5;    // seconds in flight without an answer until it counts as
                                     // hanging
constexpr double kNearlyFull = 0.9;
constexpr double kTooFarApart = 5;  // seconds; no rate is computed across a longer gap

double number_of(const JsonValue& value) {
  return std::strtod(std::string(value.raw).c_str(), nullptr);
}

std::uint64_t count_of(const JsonValue& value) {
  std::uint64_t count = 0;
  std::from_chars(value.raw.data(), value.raw.data() + value.raw.size(), count);
  return count;
}

void read_counts(const JsonValue& object, std::map<std::string, std::uint64_t>& counts) {
  for (JsonWalk walk(object); walk.next();) {
    if (walk.value().kind() == JsonKind::number) {
      counts[std::string(walk.key())] = count_of(walk.value());
    }
  }
}

void read_flushes(const JsonValue& object, TopSink& sink, double& sum) {
  for (JsonWalk walk(object); walk.next();) {
    if (walk.key() == "p50") sink.p50 = number_of(walk.value());
    if (walk.key() == "p99") sink.p99 = number_of(walk.value());
    if (walk.key() == "sum") sum = number_of(walk.value());
    if (walk.key() == "count") sink.counts["flushes"] = count_of(walk.value());
  }
}

TopInput read_top_input(std::string_view name, const JsonValue& object) {
  TopInput input;
  input.name = name;
  read_counts(object, input.counts);
  for (JsonWalk walk(object); walk.next();) {
    if (walk.key() == "connections") read_counts(walk.value(), input.connections);
  }
  return input;
}

TopSink read_sink(std::string_view name, const JsonValue& object) {
  TopSink sink;
  sink.name = name;
  read_counts(object, sink.counts);
  for (JsonWalk walk(object); walk.next();) {
    if (walk.key() == "type") sink.type = walk.value().text();
    if (walk.key() == "breaker") sink.breaker = walk.value().text();
    if (walk.key() == "health") sink.health = walk.value().text();
    if (walk.key() == "last_error") sink.last_error = walk.value().text();
    if (walk.key() == "dropped") read_counts(walk.value(), sink.dropped);
    if (walk.key() == "advice") {
      for (JsonWalk advice(walk.value()); advice.next();) {
        if (advice.key() == "text") sink.advice = advice.value().text();
      }
    }
    if (walk.key() == "protected") {
      std::map<std::string, std::uint64_t> counts;
      read_counts(walk.value(), counts);
      sink.protected_dropped = counts["dropped"];
    }
    double sum = 0;
    if (walk.key() != "flush_seconds") continue;
    read_flushes(walk.value(), sink, sum);
    sink.counts["flush_microseconds"] = static_cast<std::uint64_t>(sum * 1e6);
  }
  return sink;
}

}  // namespace

std::uint64_t TopSink::lost() const {
  std::uint64_t sum = 0;
  for (const auto& [reason, records] : dropped) sum += records;
  return sum;
}

double TopSink::filled() const {
  const auto share = [this](const char* part, const char* whole) {
    return static_cast<double>(count(part)) /
           static_cast<double>(std::max<std::uint64_t>(count(whole), 1));
  };
  return std::min(
      1.0, std::max(share("queue_depth", "queue_size"), share("queue_bytes", "queue_max_bytes")));
}

std::optional<TopStats> TopStats::parse(std::string_view json) {
  TopStats stats;
  bool is_ours = false;
  for (JsonWalk walk(json); walk.next();) {
    if (walk.key() == "fapilog_ship") {
      is_ours = true;
      for (JsonWalk about(walk.value()); about.next();) {
        if (about.key() == "version") stats.version = about.value().text();
        if (about.key() == "preset") stats.preset = about.value().text();
        if (about.key() == "uptime_seconds") stats.uptime_seconds = number_of(about.value());
      }
    } else if (walk.key() == "input") {
      std::map<std::string, std::uint64_t> counts;
      read_counts(walk.value(), counts);
      stats.lines = counts["lines"];
      stats.bytes = counts["bytes"];
    } else if (walk.key() == "inputs") {
      for (JsonWalk inputs(walk.value()); inputs.next();) {
        stats.inputs.push_back(read_top_input(inputs.key(), inputs.value()));
      }
    } else if (walk.key() == "sinks") {
      for (JsonWalk sinks(walk.value()); sinks.next();) {
        stats.sinks.push_back(read_sink(sinks.key(), sinks.value()));
      }
    }
  }
  if (!is_ours) return std::nullopt;
  return stats;
}

std::string TopHistory::place(const std::string& sink, const std::string& key) {
  return sink + '\0' + key;
}

std::optional<double> TopHistory::value(const Sample& sample, const std::string& place) {
  const auto found = sample.values.find(place);
  if (found == sample.values.end()) return std::nullopt;
  return found->second;
}

void TopHistory::take(std::string_view json) {
  samples_.clear();
  const auto fill = [this](const JsonValue& column, const std::string& place) {
    std::size_t i = 0;
    for (JsonWalk walk(column); walk.next(); ++i) {
      if (i >= samples_.size()) samples_.resize(i + 1);
      if (walk.value().kind() != JsonKind::number) continue;
      if (place.empty())
        samples_[i].at = number_of(walk.value());
      else
        samples_[i].values[place] = number_of(walk.value());
    }
  };
  for (JsonWalk walk(json); walk.next();) {
    if (walk.key() == "at") fill(walk.value(), "");
    if (walk.key() == "lines") fill(walk.value(), place("", "submitted"));
    if (walk.key() != "sinks") continue;
    for (JsonWalk sinks(walk.value()); sinks.next();) {
      const std::string name(sinks.key());
      for (JsonWalk keys(sinks.value()); keys.next();) {
        fill(keys.value(), place(name, std::string(keys.key())));
      }
    }
  }
}

bool TopHistory::add(const TopStats& stats) {
  const bool restarted = !samples_.empty() && stats.uptime_seconds < samples_.back().at;
  if (restarted) samples_.clear();
  Sample sample{stats.uptime_seconds, {}};
  sample.values[place("", "submitted")] = static_cast<double>(stats.lines);
  for (const TopInput& input : stats.inputs) {
    const auto lines = input.counts.find("lines");
    if (lines == input.counts.end()) continue;
    sample.values[place(input.place(), "lines")] = static_cast<double>(lines->second);
  }
  for (const TopSink& sink : stats.sinks) {
    for (const char* key : {"submitted", "delivered", "queue_depth", "spooled", "flushes"}) {
      sample.values[place(sink.name, key)] = static_cast<double>(sink.count(key));
    }
    sample.values[place(sink.name, "dropped")] = static_cast<double>(sink.lost());
    for (const auto& [reason, records] : sink.dropped) {
      sample.values[place(sink.name, "dropped." + reason)] = static_cast<double>(records);
    }
    sample.values[place(sink.name, "flush_seconds")] =
        static_cast<double>(sink.count("flush_microseconds")) / 1e6;
  }
  samples_.push_back(std::move(sample));
  while (samples_.front().at < samples_.back().at - kWindow - 1) samples_.pop_front();
  return restarted;
}

std::optional<double> TopHistory::rate(const std::string& sink, const std::string& key,
                                       double seconds) const {
  if (samples_.empty()) return std::nullopt;
  const Sample& last = samples_.back();
  const auto first = std::find_if(samples_.begin(), samples_.end(), [&](const Sample& sample) {
    return sample.at >= last.at - seconds - 0.5;
  });
  const auto from = value(*first, place(sink, key));
  const auto to = value(last, place(sink, key));
  if (!from || !to || last.at <= first->at) return std::nullopt;
  return std::max(0.0, (*to - *from) / (last.at - first->at));
}

std::vector<double> TopHistory::series(const std::string& sink, const std::string& key,
                                       std::size_t points) const {
  std::vector<double> result(points, 0.0);
  if (samples_.empty()) return result;
  const std::string at = place(sink, key);
  const bool is_level = key == "queue_depth";
  const double end = samples_.back().at;
  for (std::size_t i = is_level ? 0 : 1; i < samples_.size(); ++i) {
    const Sample& sample = samples_[i];
    const auto back = static_cast<std::size_t>(std::max(0.0, end - sample.at) + 0.5);
    const auto now = value(sample, at);
    if (back >= points || !now) continue;
    double& point = result[points - 1 - back];
    if (is_level) {
      point = *now;
      continue;
    }
    const auto before = value(samples_[i - 1], at);
    const double seconds = sample.at - samples_[i - 1].at;
    if (!before || seconds < 0.2 || seconds > kTooFarApart) continue;
    point = std::max(0.0, (*now - *before) / seconds);
  }
  return result;
}

double TopHistory::unchanged_for(const std::string& sink, const std::string& key) const {
  if (samples_.empty()) return 0;
  const std::string at = place(sink, key);
  double since = samples_.back().at;
  for (auto sample = samples_.rbegin(); sample != samples_.rend(); ++sample) {
    if (value(*sample, at) != value(samples_.back(), at)) break;
    since = sample->at;
  }
  return samples_.back().at - since;
}

namespace {

/// What a loss for this reason says about the sink.
std::string_view loss_words(std::string_view reason) {
  static constexpr std::pair<std::string_view, std::string_view> kWords[] = {
      {"queue_full", "too slow"},          {"evicted", "too slow"},
      {"rejected", "refuses records"},     {"expired", "gave up on records"},
      {"shutdown", "ended too soon"},      {"duplicate", "has other records with these ids"},
      {"damaged", "its spool is damaged"}, {"redact", "records cannot be redacted"},
      {"size_guard", "records too long"}};
  for (const auto& [known, words] : kWords) {
    if (known == reason) return words;
  }
  return "losing records";
}

/// The reason for most of the current losses.
std::string reason_of_losses(const TopSink& sink, const TopHistory& history) {
  std::string worst;
  double most = 0;
  for (const auto& [reason, records] : sink.dropped) {
    const double rate = history.rate(sink.name, "dropped." + reason, kLossesShown).value_or(0);
    if (rate <= most) continue;
    most = rate;
    worst = reason;
  }
  return worst;
}

}  // namespace

TopVerdict verdict_of(const TopSink& sink, const TopHistory& history) {
  using Mood = TopVerdict::Mood;
  TopVerdict verdict;
  verdict.losing = history.rate(sink.name, "dropped", kLossesShown).value_or(0) > 0;
  const bool hangs =
      sink.count("in_flight") > 0 && history.unchanged_for(sink.name, "flushes") >= kHangsAfter;
  if (sink.health == "needs_operator")
    verdict.words = "refuses us";
  else if (sink.breaker == "open")
    verdict.words = "breaker open";
  else if (sink.breaker != "closed")
    verdict.words = "probing";
  else if (hangs)
    verdict.words = "does not answer";
  else if (sink.health == "failing")
    verdict.words = "failing";
  else if (sink.health == "throttling")
    verdict.words = "rate-limited";
  else if (verdict.losing)
    verdict.words = loss_words(reason_of_losses(sink, history));
  else if (sink.count("spooled") > 0)
    verdict.words =
        history.rate(sink.name, "spooled").value_or(0) > 0 ? "too slow, spooling" : "catching up";
  else if (sink.filled() > kNearlyFull)
    verdict.words = "queue nearly full";
  else
    verdict.words = "healthy";
  verdict.mood = verdict.losing               ? Mood::bad
                 : verdict.words == "healthy" ? Mood::good
                                              : Mood::warning;
  return verdict;
}

}  // namespace ship
