#include <algorithm>
#include <charconv>
#include <csignal>
#include <map>

#include "base/signal_name.hpp"
#include "base/time_zone.hpp"
#include "base/units.hpp"
#include "config/build_settings.hpp"
#include "input/input_address.hpp"
#include "input/line_pattern.hpp"
#include "rows/nearest.hpp"
#include "stats/admin/listen_address.hpp"

namespace ship {
namespace {

/// The rules of one sink; `values` are complete.
class SinkRules {
 public:
  SinkRules(const SinkValues& sink, Sources& sources) : sink_(sink), sources_(sources) {}

  void check() {
    for (const auto& [key, given] : sink_.values) {
      const std::string twin = key + "_file";
      if (given.setting->type() == SettingType::secret && has(twin)) {
        report(twin, "given together with " + key + "; keep one of the two");
      }
    }
    if (sink_.url.type->one_worker && number("delivery.workers") > 1) {
      report("delivery.workers", one_worker());
    }
    const std::string_view order = text("delivery.order");
    if (order == "keep" && number("delivery.workers") > 1 && !sink_.url.type->one_worker) {
      report(
          "delivery.workers",
          "found " + std::to_string(number("delivery.workers")) +
              " together with delivery.order = \"keep\": requests sent side by side arrive in any "
              "order; take 1 worker, or order = \"any\"");
    }
    const bool asked = origin("delivery.order").source != Origin::Source::built_in;
    if (order == "any" && asked && sink_.url.type->one_worker) {
      report("delivery.order", one_worker());
    }
    if (sink_.url.type->makes_objects) check_objects();
    const auto base = duration("delivery.retry_base");
    const auto longest = duration("delivery.retry_max");
    if (base > longest) {
      const bool at_base = origin("delivery.retry_base").source != Origin::Source::built_in;
      report(at_base ? "delivery.retry_base" : "delivery.retry_max",
             "the first wait of " + print_duration(base) +
                 " (delivery.retry_base) is longer than " + "the longest of " +
                 print_duration(longest) + " (delivery.retry_max)");
    }
  }

 private:
  /// An object is in memory while it is sent, and with a spool nothing goes past the disk.
  void check_objects() {
    const std::string_view size_key =
        has("object_size") ? "object_size" : "delivery.batch_max_bytes";
    const std::uint64_t size = number(size_key);
    const std::uint64_t queue = number("queue.max_bytes");
    // What nobody chose becomes smaller by itself.
    if (origin(size_key).source != Origin::Source::built_in && size > queue / 8) {
      report(size_key, "found " + print_size(size) + ", more than an eighth of queue.max_bytes (" +
                           print_size(queue) + "); lower " + std::string(size_key) +
                           ", or raise queue.max_bytes to " + print_size(size * 8));
    }
    if (has("spool.dir") && text("spool.mode") == "overflow") {
      report("spool.mode",
             "found \"overflow\" beside spool.dir in a sink of the type " +
                 std::string(sink_.url.type->name) +
                 ", whose objects must be on disk before they are sent; take spool.mode = "
                 "\"durable\", or \"off\" for no spool");
    }
  }
  std::string one_worker() const {
    return std::string(sink_.url.type->name) +
           " sinks have one worker, so that lines stay in order";
  }
  bool has(std::string_view key) const { return sink_.values.find(key) != sink_.values.end(); }
  Origin origin(std::string_view key) const { return sink_.values.find(key)->second.origin; }
  std::uint64_t number(std::string_view key) const {
    return std::get<std::uint64_t>(sink_.values.find(key)->second.value);
  }
  std::string_view text(std::string_view key) const {
    return std::get<std::string>(sink_.values.find(key)->second.value);
  }
  std::chrono::milliseconds duration(std::string_view key) const {
    return std::get<std::chrono::milliseconds>(sink_.values.find(key)->second.value);
  }
  void report(std::string_view key, std::string message) {
    sources_.report_in(sink_, key, std::move(message));
  }

  const SinkValues& sink_;
  Sources& sources_;
};

/// Whether the shipper can catch a signal before COMMAND gets it, and may send it.
bool is_forwardable(std::string_view name) {
  const auto number = parse_signal(name);
  return number && *number != SIGKILL && *number != SIGSTOP && *number != SIGCHLD;
}

bool is_exit_code(std::string_view text) {
  int code = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code);
  return error == std::errc{} && end == text.data() + text.size() && code >= 0 && code <= 255;
}

void check_child(const Values& values, Sources& sources) {
  for (const auto& [key, given] : values) {
    if (given.setting->key != "child.rewrite_signal") continue;
    const std::string_view from = map_entry(*given.setting, key);
    const auto& to = std::get<std::string>(given.value);
    if (!is_forwardable(from)) {
      sources.report(given.origin, key,
                     "'" + std::string(from) + "' is not a signal that can be passed on");
    } else if (to != "0" && !parse_signal(to)) {
      sources.report(given.origin, key, "found '" + to + "', expected a signal such as QUIT, or 0");
    }
  }
  const auto codes = values.find("child.expect_exit");
  if (codes == values.end()) return;
  for (const std::string& code : std::get<std::vector<std::string>>(codes->second.value)) {
    if (is_exit_code(code)) continue;
    sources.report(codes->second.origin, codes->first,
                   "found '" + code + "', expected an exit code from 0 to 255");
  }
}

void check_pattern(const Values& values, Sources& sources) {
  const auto given = values.find("input.multiline_start");
  if (given == values.end()) return;
  const auto pattern = LinePattern::compile(std::get<std::string>(given->second.value));
  if (!pattern) sources.report(given->second.origin, given->first, pattern.error().message);
}

void check_time_zone(const Values& values, Sources& sources) {
  const auto given = values.find("input.time_zone");
  if (given == values.end()) return;
  const auto zone = TimeZone::parse(std::get<std::string>(given->second.value));
  if (!zone) sources.report(given->second.origin, given->first, zone.error().message);
}

/// Each address to listen on, and who reaches it.
void check_inputs(const Values& globals, Sources& sources) {
  const auto given = globals.find("input.path");
  if (given == globals.end()) return;
  bool listens = false;
  for (const std::string& path : std::get<std::vector<std::string>>(given->second.value)) {
    if (!InputAddress::is_one(path)) continue;
    listens = true;
    const auto address = InputAddress::parse(path);
    if (!address) {
      sources.report(given->second.origin, given->first, address.error().message);
    } else if (!address.value().is_local()) {
      sources.warn("the input " + path +
                   " takes lines from anyone who reaches this address: nothing is encrypted, and "
                   "nobody has to say who he is");
    }
  }
  const auto bytes = [&globals](std::string_view key) {
    return std::get<std::uint64_t>(globals.find(key)->second.value);
  };
  if (listens && bytes("input.max_line_bytes") > bytes("input.pending_bytes")) {
    sources.warn("input.pending_bytes of " + print_size(bytes("input.pending_bytes")) +
                 " is less than input.max_line_bytes of " +
                 print_size(bytes("input.max_line_bytes")) +
                 ": a connection's longer lines are cut there");
  }
}

void check_stage_values(const Values& values, Sources& sources) {
  const auto size = values.find("size_guard.max_bytes");
  const auto bytes = std::get<std::uint64_t>(size->second.value);
  constexpr std::uint64_t kLeastRecord = 512;
  if (bytes > 0 && bytes < kLeastRecord) {
    sources.report(size->second.origin, size->first,
                   "found " + print_size(bytes) + ", expected 0 or at least 512 B");
  }
}

/// `values` are the top-level ones or a sink's.
void check_adaptive(const Values& values, const std::string& prefix, Sources& sources) {
  const auto& least = values.find("filter.adaptive.min_sample_rate")->second;
  const auto& most = values.find("filter.adaptive.max_sample_rate")->second;
  if (!prefix.empty() && least.inherited && most.inherited) return;
  if (std::get<double>(least.value) <= std::get<double>(most.value)) return;
  const bool at_least = least.origin.source != Origin::Source::built_in;
  sources.report(at_least ? least.origin : most.origin, prefix + "filter.adaptive.min_sample_rate",
                 "larger than filter.adaptive.max_sample_rate");
}

const SinkValues* find_sink(const Effective& effective, std::string_view name) {
  for (const SinkValues& sink : effective.sinks) {
    if (sink.name == name) return &sink;
  }
  return nullptr;
}

/// A path from the sink to another one, as given; null if it has none.
const Given* given_way(const SinkValues& sink, std::string_view key) {
  const auto found = sink.values.find(key);
  return found == sink.values.end() || std::get<std::string>(found->second.value).empty()
             ? nullptr
             : &found->second;
}

/// Checks the address, that the token is given only once, and who can see what.
void check_server(const Values& globals, Sources& sources) {
  const auto twin = globals.find("server.bearer_token_file");
  const bool has_token = globals.find("server.bearer_token") != globals.end();
  if (twin != globals.end() && has_token) {
    sources.report(twin->second.origin, twin->first,
                   "given together with server.bearer_token; keep one of the two");
  }
  const auto listen = globals.find("server.listen");
  if (listen == globals.end()) return;
  const auto& text = std::get<std::string>(listen->second.value);
  const auto address = ListenAddress::parse(text);
  if (!address) {
    sources.report(listen->second.origin, listen->first, address.error().message);
  } else if (!address.value().is_local() && !has_token && twin == globals.end()) {
    sources.warn(
        "server.listen is " + text +
        ", and there is no server.bearer_token: anyone who reaches this address can read the "
        "statistics");
  }
}

/// What is said of followed files where none is followed, and what cannot be followed.
void check_follow(const Values& globals, Sources& sources) {
  const auto follow = globals.find("input.follow");
  const bool follows = follow != globals.end() && std::get<bool>(follow->second.value);
  for (const char* key : {"input.checkpoint", "input.start"}) {
    const auto given = globals.find(key);
    if (follows || given == globals.end()) continue;
    // The default, written out, changes nothing.
    if (std::get<std::string>(given->second.value) == "checkpoint") continue;
    sources.warn(std::string(key) + " changes nothing without input.follow (--follow)");
  }
  const auto paths = globals.find("input.path");
  if (!follows || paths == globals.end()) return;
  for (const std::string& path : std::get<std::vector<std::string>>(paths->second.value)) {
    if (path != "-") continue;
    sources.report(paths->second.origin, "input.path",
                   "found '-' beside input.follow: standard input cannot be followed, only files");
  }
}

/// Follows the fallbacks and anchors of sinks: each is another sink, and no way ends where it began.
class Ways {
 public:
  Ways(const Effective& effective, Sources& sources) : effective_(effective), sources_(sources) {}

  void check() {
    for (const SinkValues& sink : effective_.sinks) {
      for (const char* const key : kKeys) {
        const Given* given = given_way(sink, key);
        if (given != nullptr) check(sink, key, *given);
      }
    }
  }

 private:
  static constexpr const char* kKeys[] = {"fallback", "anchor"};

  void check(const SinkValues& sink, const char* key, const Given& given) {
    const std::string full = "sinks." + sink.name + "." + key;
    const auto& name = std::get<std::string>(given.value);
    const SinkValues* const step = find_sink(effective_, name);
    if (step == nullptr) {
      std::vector<std::string> others;
      for (const SinkValues& other : effective_.sinks) {
        if (&other != &sink) others.push_back(other.name);
      }
      std::string advice = did_you_mean(name, others);
      if (advice.empty()) {
        advice = others.empty() ? "; there is no other sink" : "; the other sinks are ";
        for (const std::string& other : others)
          advice += (&other == &others[0] ? "" : ", ") + other;
      }
      sources_.report(given.origin, full, "no sink has the name " + toml_string(name) + advice);
      return;
    }
    std::vector<const SinkValues*> way{&sink, step};
    if (!leads_back(way)) return;
    std::string text;
    for (const SinkValues* one : way) text += (text.empty() ? "" : " -> ") + one->name;
    sources_.report(given.origin, full, "the way ends where it began: " + text);
  }

  /// If true, `way` is the path back to its first sink.
  bool leads_back(std::vector<const SinkValues*>& way) const {
    if (way.back() == way.front()) return true;
    for (const char* const key : kKeys) {
      const Given* const given = given_way(*way.back(), key);
      if (given == nullptr) continue;
      const SinkValues* const next = find_sink(effective_, std::get<std::string>(given->value));
      if (next == nullptr) continue;
      if (next != way.front() && std::find(way.begin(), way.end(), next) != way.end()) continue;
      way.push_back(next);
      if (leads_back(way)) return true;
      way.pop_back();
    }
    return false;
  }

  const Effective& effective_;
  Sources& sources_;
};

}  // namespace

void check_rules(const Effective& effective, Sources& sources) {
  check_time_zone(effective.globals, sources);
  check_pattern(effective.globals, sources);
  check_child(effective.globals, sources);
  check_follow(effective.globals, sources);
  check_server(effective.globals, sources);
  check_inputs(effective.globals, sources);
  check_stage_values(effective.globals, sources);
  check_adaptive(effective.globals, "", sources);
  Ways(effective, sources).check();
  std::map<std::string, std::string> files;
  const std::uint64_t longest_line =
      std::get<std::uint64_t>(effective.globals.find("input.max_line_bytes")->second.value);
  for (const SinkValues& sink : effective.sinks) {
    SinkRules(sink, sources).check();
    check_adaptive(sink.values, "sinks." + sink.name + ".", sources);
    if (sink.url.type->form == UrlForm::path && !sink.url.address.empty()) {
      const auto [other, is_new] = files.try_emplace(sink.url.address, sink.name);
      if (!is_new) {
        sources.report(sink.origin, "sinks." + sink.name,
                       "writes to the same file as sinks." + other->second);
      }
    }
    const auto bytes = std::get<std::uint64_t>(sink.values.find("queue.max_bytes")->second.value);
    if (bytes < longest_line) {
      sources.warn("queue.max_bytes of " + print_size(bytes) + " for the sink " + sink.name +
                   " is less than input.max_line_bytes of " + print_size(longest_line) +
                   ": a longer line never fits into its queue");
    }
  }
}

}  // namespace ship
