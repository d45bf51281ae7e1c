"""Bugs on the way of a line, from the reader to the verdict, that the tests must notice. See run.py."""

TARGET = "ship_tests"

QUEUE = "src/queue/queue.cpp"
POLICY = "src/queue/eviction_policy.hpp"
BREAKER = "src/delivery/circuit_breaker.cpp"
LIMIT = "src/delivery/concurrency_limit.cpp"
RETRY = "src/delivery/retry_controller.cpp"
DECISION = "src/delivery/decision.cpp"
SPLITTER = "src/input/splitter.cpp"
PROBE = "src/record/probe.cpp"
LEVEL = "src/record/level.cpp"
TIME = "src/record/timestamp.cpp"
PARSER = "src/stage/choose/expression_parser.cpp"
KEYS = "config/key_advice.cpp"
URLS = "config/sink_url.cpp"
SOURCES = "config/sources.cpp"
EFFECTIVE = "config/effective.cpp"
VALUE = "config/value.cpp"
PLACES = "config/place_check.cpp"
DOUBT = "config/url_advice.cpp"
TOML = "config/toml_advice.cpp"

MUTATIONS = [
    # Queue
    (QUEUE, "if (fifos_[i].front()->sequence < sequence) {", "if (fifos_[i].front()->sequence <= sequence + 1) {", "queue*"),
    (QUEUE, "const std::size_t lowest_end = is_protected ? kSeverities : 0;", "const std::size_t lowest_end = kSeverities;", "queue*"),
    (QUEUE, "limits_.drop == DropPolicy::oldest ? class_of(severity, is_protected) + 1 : oldest_begin;", "limits_.drop == DropPolicy::oldest ? class_of(severity, is_protected) : oldest_begin;", "queue*"),
    (QUEUE, "if (depth_ - evictable_records >= limits_.records) return false;", "", "queue*"),
    (QUEUE, "if (charged() - evictable_bytes + footprint > limits_.bytes) return false;", "", "queue*"),
    (QUEUE, "if (victim >= kSeverities) ++evictions.protected_records;", "", "queue*"),
    (QUEUE, "slot.arrival_ms = arrival_ms;", "slot.arrival_ms = 0;", "lane*,backlog*"),
    (QUEUE, "slot.id = record.id;", "", "identity*,lane*,backlog*"),
    (QUEUE, "if (!batch.empty() && bytes + slot->size > max_bytes) return false;", "if (bytes + slot->size > max_bytes) return false;", "queue*"),
    (QUEUE, "if (batch.size() >= max_records) return false;", "if (batch.size() > max_records) return false;", "queue*"),
    (QUEUE, "} while (fifo.depth > 0 && fifo.front()->sequence < second_sequence);", "} while (fifo.depth > 0);", "queue*"),
    (QUEUE, "if (segment->capacity > SegmentPool::kSegmentBytes) {", "if (false) {", "queue*"),
    (QUEUE, "pinned_ -= batch.pins_[i].slot->footprint();", "", "queue*"),
    # Delivery
    (BREAKER, "if (epoch != epoch_) return;", "", "gate*"),
    (BREAKER, "if (state_ == State::open) state_ = State::half_open;\n  if (state_ == State::half_open) {", "if (state_ == State::half_open) {", "gate*"),
    (BREAKER, "probing_ = true;", "", "gate*"),
    (BREAKER, "failures_ == 1 ? limits_.base / kShareOfFirst : backoff()", "backoff()", "gate*"),
    (BREAKER, "const bool was_probe = state_ != State::closed;", "const bool was_probe = false;", "gate*"),
    (BREAKER, "not_before_ = now + std::max(limits_.open_for, at_least);", "not_before_ = now + limits_.open_for;", "gate*"),
    (BREAKER, "return std::min(limits_.max, limits_.base * (std::int64_t{1} << doublings));", "return limits_.base * (std::int64_t{1} << doublings);", "gate*"),
    (BREAKER, "not_before_ = now + std::max(jittered, asked);", "not_before_ = now + jittered;", "gate*"),
    (LIMIT, "if (round != round_) return;", "", "concurrency*"),
    (LIMIT, "return set(limit_ / 2);\n  }\n  if (!backlog)", "return set(limit_);\n  }\n  if (!backlog)", "concurrency*"),
    (LIMIT, "if (!backlog) return;", "", "concurrency*"),
    (LIMIT, "set(mean > kRising * least_ ? limit_ / 2 : limit_);", "set(limit_);", "concurrency*"),
    (LIMIT, "limit_ = std::clamp<std::uint32_t>(limit, 1, most_);", "limit_ = std::max<std::uint32_t>(limit, 1);", "concurrency*"),
    (RETRY, "if (stopped_ || generation != generation_) return Turn::stopped;", "if (stopped_) return Turn::stopped;", "retry controller*"),
    (RETRY, "if (breaker_.state() == CircuitBreaker::State::open) limit_.opened();", "", "retry controller*"),
    (DECISION, "return records > 1 ? Decision::halve : Decision::refuse;", "return Decision::halve;", "decision*"),
    (DECISION, "return expired ? Decision::expire : Decision::try_again;", "return Decision::try_again;", "decision*"),
    # Input
    (SPLITTER, "if (size > 0 && newline[-1] == '\\r') --size;", "", "splitter*"),
    (SPLITTER, "if (size > max_line_bytes_) line.text = utf8_prefix(line.text, max_line_bytes_);", "if (size > max_line_bytes_) line.text = line.text.substr(0, max_line_bytes_);", "splitter*"),
    (SPLITTER, "offset_ += begin_;\n    begin_ = 0;", "begin_ = 0;", "splitter*"),
    (SPLITTER, "if (end_ - begin_ > max_line_bytes_ + 1) {", "if (end_ - begin_ > max_line_bytes_) {", "splitter*"),
    (SPLITTER, "last_skipped_is_return_ = data[stop - 1] == '\\r';", "", "splitter*"),
    (SPLITTER, "framing_ += bytes;", "", "splitter*,intake*"),
    # Record
    (PROBE, "while (*at < begin) ++at;", "", "probe*"),
    (PROBE, "if (!good) {", "if (false) {", "probe*"),
    (PROBE, "    finding.level_size = 0;\n", "", "probe*,unwrap*,dead letters*"),
    (PROBE, "walk.forget_last_value();", "", "probe*"),
    (LEVEL, "if (text.empty() || text.back() < '0' || text.back() > '9') return text;", "return text;", "level*"),
    (LEVEL, "kPackedAliases[i] == wanted && kAliases[i].text.size() == text.size()", "kPackedAliases[i] == wanted", "level*"),
    (LEVEL, "if (const std::size_t dot = word.rfind('.'); dot != std::string_view::npos) {", "if (const std::size_t dot = word.find('.'); dot != std::string_view::npos) {", "level*"),
    (TIME, "return in_range(minute + second - offset, nanos);", "return in_range(minute + second + offset, nanos);", "timestamp*"),
    (TIME, "if (found <= now + kSecondsPerDay) return found;", "return found;", "timestamp*"),
    (TIME, "if (of_year >= kFirstOfMarch && !leap) found -= kSecondsPerDay;", "", "timestamp*"),
    (TIME, "return zoneless ? in_zone(*time, seconds_) : time;", "return time;", "timestamp*"),
    (TIME, "if (rest < 0) {", "if (false) {", "timestamp*"),
    # Stages
    (PARSER, "return row.symbol == \"!=\" ? negate(result) : result;", "return result;", "where*"),
    (PARSER, "if (depth_ == kMaxDepth) return fail(token_.at, \"the expression nests deeper than 100\");", "", "where*"),
    (PARSER, "return negated ? negate(result) : result;", "return result;", "where*"),
    # Configuration
    (SOURCES, "if (entry.value_origin.source == Origin::Source::file) {", "if (true) {", "load*,presets*"),
    (SOURCES, "if (std::exchange(first_url, false)) urls.clear();", "", "load*"),
    (SOURCES, "items.insert(items.begin(), before.begin(), before.end());", "", "load*"),
    (SOURCES, "if (!told) problems.push_back(problem);", "problems.push_back(problem);", "[mistakes]"),
    (EFFECTIVE, "if (given != globals.end() && given->second.origin.source > Origin::Source::preset) continue;", "if (given != globals.end()) continue;", "load*"),
    (EFFECTIVE, "inherited.inherited = true;", "", "load*,print*"),
    (EFFECTIVE, "order = default_of(*order.setting, \"any\", \"of more than one worker\");", "", "load*"),
    (EFFECTIVE, "workers = default_of(*workers.setting, \"1\", \"of delivery.order = \\\"keep\\\"\");", "", "load*"),
    (VALUE, "if (number < setting.min || number > setting.max) {", "if (number > setting.max) {", "value*,load*,rows*"),
    (VALUE, "if (is_hidden(setting)) return \"\\\"***\\\"\";", "", "print*,value*,load*"),
    (VALUE, "while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;", "", "value*"),
    (VALUE, "if (!is_hidden(setting)) error.message += did_you_mean(text, names);", "", "[mistakes]"),
    (URLS, "if (byte < 0x20 || byte == 0x7F) {", "if (false) {", "sink url*"),
    (URLS, "if (!host.empty() && host != \"localhost\") {", "if (false) {", "sink url*"),
    (URLS, "const std::size_t sign = authority.rfind('@');", "const std::size_t sign = authority.find('@');", "sink url*"),
    (KEYS, "if (key == word && has(known))", "if (key == word)", "[mistakes],load*"),
    (KEYS, "name = path.size() > 2 ? path[1] : \"NAME\";", "name = path[1];", "[mistakes]"),
    (DOUBT, "if (!is_plain(text) || text.size() > 100) return {};", "", "[mistakes]"),
    (DOUBT, "while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);", "", "[mistakes]"),
    (TOML, "if (number > 1 && column == 1 && lines[number - 1].empty()) --number;", "", "[mistakes]"),
    (TOML, "if (is_table ? other == line : !key.empty() && Assignment(other).key == key) return at;", "return at;", "[mistakes]"),
    (PLACES, "if (!wants_directory && is_directory(path))", "if (false)", "[mistakes]"),
    (PLACES, "return twin != nullptr && twin->type() == SettingType::secret;", "return false;", "[mistakes]"),
]
