"""Bugs in what is counted, kept and told of records that the tests must notice: the books, the spool, reloads, delivery, and
the lines where a bug would be noticed late. See run.py; a few rows run the program itself."""

TARGET = "ship_tests"

STORED = "stored is delivered: "
ES = "src/sinks/elasticsearch/"
LONG = "long run: "
MANY = "fault/many_sinks_test.py ManySinks."

MUTATIONS = [
    # T1: a record's identity, and what a conflict says
    ("src/input/intake.cpp", "return {numbers_.run(), next_number_++};", "return {numbers_.run(), 1};", STORED + "a thousand equal lines*"),
    ("src/record/identity.cpp", "return {word(), word()};", "return {1, 2};", STORED + "two shippers with the same line"),
    (ES + "bulk_answer.cpp", "duplicate = index < records && request.first_with_own_id[index];", "", STORED + "an id_field that two records*"),
    (ES + "elasticsearch_sink.cpp", "first_with_own_id_.push_back(own_id && !in_doubt);", "first_with_own_id_.push_back(own_id);", STORED + "an id_field that is there*"),
    ("src/record/identity.cpp", "if (copies == 0) return fingerprint;", "return fingerprint;", "identity: a file and its copies*"),
    ("src/input/reader.cpp", "files_seen_[{file->high, file->low}]++", "0 * files_seen_[{file->high, file->low}]++", "cli/file_identity_test.py FileIdentity.test_different_files_with_equal_lines_are_all_stored"),
    ("src/input/reader.cpp", "if (const auto& file = source.fingerprint()) {", "if (const auto& file = source.fingerprint(); file && false) {", "cli/file_identity_test.py FileIdentity.test_a_file_that_is_shipped_again_after_kill_9_is_stored_once"),
    # T3: one policy in memory and on disk
    ("src/spool/spool_writer.cpp", "return gives_way(table_.options.drop,", "return gives_way(DropPolicy::newest,", "spool: oldest: where only protected*"),
    ("src/queue/queue.cpp", "limits_.drop == DropPolicy::oldest ? class_of(severity, is_protected) + 1 : oldest_begin", "limits_.drop == DropPolicy::oldest && !is_protected ? class_of(severity, is_protected) + 1 : oldest_begin", "queue: where only protected ones are left*"),
    ("src/spool/spool_writer.cpp", "if (way == GivesWay::oldest_first) return segment.first_sequence < sequence;", "", "spool: oldest: what comes late*"),
    # T4: an answer before the request was whole
    ("src/net/http_client.cpp", "static_cast<std::size_t>(uploaded) < request.body.size()", "uploaded < 0", "http client: an answer that says stored before*"),
    # T5: files that lost their name
    ("src/spool/spool_reader_removal.cpp", "  check_names(events);\n", "", "spool: a recovered file that is removed*"),
    ("src/spool/spool_writer.cpp", "if (sealed) reader_.check_names(result_->events);", "", "spool: a full file that is removed*"),
    ("src/sinks/file/file_sink.cpp", "status.error().code != ENOENT && status.error().code != ENOTDIR;", "true;", "cli/file_sink_test.py FileSinkTest.test_a_directory_that_became_a_file_is_noticed"),
    # D8: what OTLP leaves out
    ("src/sinks/otlp/otlp_encode.cpp", "if (!has_time && places.says_time(whole, value, record.time)) {", "if (key == \"time\" || (!has_time && places.says_time(whole, value, record.time))) {", "otlp encode: only the members*"),
    # T6, Q1: reloads
    ("src/delivery/topology.cpp", "continue_departed(*present_[i]);", "", "reload: what a removed sink left on disk*"),
    ("src/delivery/topology.cpp", "before.fallback != sink.fallback ||", "", "reload: where only the fallback changes*"),
    ("src/delivery/topology.cpp", "sink.spool = before.spool;", "", "reload: after any sequence of reloads*"),
    # T10: an input that is its own output
    ("src/assembly/input_loop.cpp", "if (*place != output) continue;", "continue;", "loop: an input that is its own output*"),
    # D1: no name twice
    ("src/stage/shape/shaper.cpp", "text_ += names_.claim(*member.name);", "", "shape: a record without a repeated name*"),
    ("src/stage/shape/shaper.cpp", "others += names_.claim(json_unescaped(key.raw, key.escaped, key_));", "", "shape: a record without a repeated name*"),
    ("src/stage/shape/shaper.cpp", "if (!suffix.empty()) edits_.insert(key_at + 1 + key.raw.size(), suffix);", "", "shape: a record without a repeated name*"),
    ("src/stage/enrich/enricher.cpp", "if (present_[base + i]) continue;", "", "shape: a record without a repeated name*"),
    (ES + "elasticsearch_sink.cpp", "!timestamp.from_root) {", "true) {", "elasticsearch sink: a document has no name twice*"),
    # D2, D4: framing and escapes
    ("src/input/splitter.cpp", "} else if (text.substr(at).starts_with(kByteOrderMark)) {", "} else if (false) {", "splitter: NULs and byte order marks*"),
    ("src/input/splitter.cpp", "if (text[at] == '\\0') {", "if (false) {", "splitter: NULs and byte order marks*"),
    ("src/record/ansi.cpp", "is_between(text[at], '\\x40', '\\x7e') ? at + 1 : kBroken;", "is_between(text[at], '\\x40', '\\x7e') ? at + 1 : at;", "ansi: only whole sequences go*"),
    # D5, D7, D8: what data may say
    ("src/sinks/name_pattern.cpp", "out += leading ? '-' : c;", "out += c;", "elasticsearch sink: data never chooses*"),
    ("src/record/timestamp.cpp", "constexpr double kLeast = 1e8;", "constexpr double kLeast = 0;", "timestamp*"),
    # Q4: what is bounded counts down again
    ("src/stage/choose/dedup_filter.cpp", "    held_bytes_ -= window.line.size();\n    constexpr", "    constexpr", "dedup: its ceiling is the same*"),
    ("src/stage/choose/rate_limit_filter.cpp", "*bucket = {capacity_, now};", "bucket->filled = now;", LONG + "a rate limit*"),
    ("src/stage/choose/sample_filter.cpp", "  seen_ = 0;\n", "", LONG + "an adaptive rate*"),
    ("src/input/multiline.cpp", "lines_ = 0;", "", LONG + "lines are joined*"),
    ("src/delivery/dead_letters.cpp", "    posted_bytes_ = 0;\n", "", LONG + "invalid lines wait*"),
    ("src/spool/spool_reader_removal.cpp", "  table_.counts.bytes -= segment.file_bytes;\n", "", LONG + "a spool takes*"),
    ("src/delivery/circuit_breaker.cpp", "    failures_ = 0;\n", "", LONG + "each outage begins*"),
    # Q5
    ("src/delivery/circuit_breaker.cpp", "not_before_ = now + std::max(limits_.open_for, at_least);", "not_before_ = now + limits_.open_for;", "gate: Retry-After counts also*"),
    ("config/memory_budget.cpp", "left / defaults.size() / kMiB * kMiB", "left / kMiB * kMiB", "memory budget: what a container has*"),
    ("src/stage/shape/shaper.cpp", "log_is_empty ? others.substr(1) : others", "others", "shape: who keeps its name*"),
    ("src/sinks/file/file_archive.cpp", "if (compressed.ok()) compressed = files_.sync_directory(names_.directory());", "", "archive: the directory is synced*"),
    (ES + "elasticsearch_sink.cpp", "refused && signer_ && signer_->renew(context.stop)", "false", "elasticsearch sink: refused credentials*"),
    ("src/sinks/cloudwatch/cloudwatch_sink.cpp", "if (!signer_->renew(context.stop)) return answer.verdict;", "return answer.verdict;", "cloudwatch sink: after HTTP 403*"),
    ("cli/reloader.cpp", "  requested_ = true;\n", "  requested_ = !busy_;\n", "cli/reload_test.py ReloadTest.test_two_signals_close_together_are_both_applied"),
    # Kafka: stored once within a run
    ("src/sinks/kafka/kafka_producer.cpp", "return pending_ > 0 && records.size()", "return false && records.size()", STORED + "Kafka stores each record of a run once*"),
    ("src/sinks/kafka/kafka_client.cpp", '{"enable.idempotence", idempotent ? "true" : "false"}', '{"enable.idempotence", "false"}', STORED + "Kafka stores each record of a run once*"),
    ("src/sinks/kafka/kafka_answer.cpp", "    case KafkaReport::State::pending:\n      return Kind::retry;", "    case KafkaReport::State::pending:\n      return Kind::ok;", STORED + "Kafka*"),
    # Hosted services: which record is refused, which goes again, and that it is the same one
    ("src/sinks/splunk/splunk_answer.cpp", "const bool refused = i == *answer.culprit;", "const bool refused = i != *answer.culprit;", "splunk answer: the event that is singled out*"),
    ("src/sinks/splunk/splunk_sink.cpp", "if (culprit + 1 < sent.end) todo.push_back({culprit + 1, sent.end});", "", STORED + "Splunk*"),
    ("src/sinks/splunk/splunk_sink.cpp", "if (sent.begin < culprit) todo.push_back({sent.begin, culprit});", "", "splunk sink: poison is refused alone*"),
    ("src/sinks/request_series.cpp", "item.index = sent[item.index];", "", "request series: what a request singles out*"),
    ("src/sinks/datadog/datadog_answer.cpp", '{400, 400, "", Kind::split}', '{400, 400, "", Kind::ok}', STORED + "Datadog*"),
    ("src/sinks/gcp/gcp_entry.cpp", "record_id_text(record.id)", "record_id_text({{1, 1}, 1})", STORED + "Google*"),
    ("src/net/google/google_token.cpp", "const bool fresh = good && now < lease_->ends - kRenewBefore;", "const bool fresh = good;", "google token: it is renewed*"),
    # PostgreSQL: stored once, whole, and told from one another
    ("src/sinks/postgres/postgres_table.cpp", 'if (table.conflict_key.empty()) return "COPY', 'if (true) return "COPY', "postgres sink: what is sent again is stored once*"),
    ("src/sinks/postgres/postgres_rows.cpp", "      case '\\t':\n        code = 't';\n        break;\n", "", "postgres rows: COPY reads back*"),
    ("src/sinks/postgres/jsonb_text.cpp", "*unit != 0 && ", "", "postgres rows: jsonb text*"),
    ("src/sinks/postgres/postgres_sink.cpp", "if (meaning.read_only) connection_.close();", "", "postgres sink: a standby*"),
    ("src/sinks/postgres/postgres_sink.cpp", "++unknown_failures_ > kMostUnknownFailures", "false", "postgres sink: a failure that no table knows*"),
    ("src/sinks/postgres/postgres_connection.cpp", "if (!alive || ::PQstatus(connection_) == CONNECTION_BAD) {", "if (false) {", "postgres sink: a connection that ended*"),
    ("src/sinks/postgres/postgres_connection.cpp", "line.replace(at, password_.size(), \"***\");", "", "postgres sink: keeps the rules*"),
    ("config/otel_environment.cpp", "if (row == nullptr || sink_.values.count(key) != 0) return;", "if (row == nullptr) return;", "otel environment: each setting*"),
    # Many sinks and reloads
    ("src/delivery/lane.cpp", "const std::uint64_t expected = backlog_.reserve(max_bytes, false);", "const std::uint64_t expected = backlog_.reserve(0, false);", "lane with spool: workers that read it at the same time*"),
    ("src/delivery/retry_controller.cpp", "verdict.is_rate_limited() ? SinkHealth::throttling : SinkHealth::failing", "SinkHealth::throttling", "lane: a sink that takes a part only*"),
    ("src/delivery/topology.cpp", "continue_departed(*present_[i]);", "", MANY + "test_each_of_many_sinks_is_accounted_for_as_if_it_were_alone"),
    ("src/delivery/lane.cpp", "  if (settled_input_) settled_input_->diverted(fallback);\n  const Settlement diverted{begin, end, Ending::diverted};", "  if (settled_input_) settled_input_->diverted(fallback);\n  const Settlement diverted{begin, end, Ending::delivered};", MANY + "test_each_of_many_sinks_is_accounted_for_as_if_it_were_alone"),
    # Sockets: what tells messages apart, what is sent again, what is shown
    ("src/sinks/syslog/syslog_sink.cpp", 'out.append(std::to_string(text.size())).append(" ").append(text);', 'out.append(std::to_string(text.size() + 1)).append(" ").append(text);', "cli/syslog_sink_test.py Counted.test_every_record_arrives_once_in_order_and_byte_for_byte"),
    ("src/sinks/syslog/syslog_message.cpp", "text += control ? ' ' : c;", "text += c;", "cli/syslog_sink_test.py Newline.test_header_and_structured_data_are_escaped_and_fit"),
    ("src/sinks/syslog/syslog_datagrams.cpp", "datagram_.resize(utf8_prefix(datagram_, max_bytes_).size());", "datagram_.resize(max_bytes_);", "cli/syslog_sink_test.py Datagrams.test_over_udp_what_is_too_long_is_cut_between_characters_and_said"),
    ("src/sinks/syslog/syslog_datagrams.cpp", "      too_long.push_back(std::move(item));\n", "", "cli/syslog_sink_test.py Datagrams.test_a_datagram_that_the_kernel_refuses_is_a_dead_letter_alone"),
    ("src/sinks/record_stream.cpp", "  wire_.erase(0, end - wire_begin_);\n", "", "cli/socket_sink_test.py Socket.test_a_slow_server_gets_each_record_once"),
    ("src/sinks/record_stream.cpp", "if (connection_->is_open() && goes_on) {", "if (false) {", "cli/socket_sink_test.py Socket.test_a_slow_server_gets_each_record_once"),
    ("src/sinks/socket/socket_sink.cpp", "    out += '\\n';\n", "", "cli/socket_sink_test.py Socket.test_a_server_that_comes_late_gets_all"),
    ("src/sinks/record_stream.cpp", "if (text.back() == '\\0') text.back() = '\\n';", "", "gelf sink: payload*"),
    ("src/sinks/gelf/gelf_sink.cpp", "out += '\\0';", "out += '\\n';", "cli/gelf_sink_test.py Tcp.test_every_record_arrives_once_in_order_and_byte_for_byte"),
    ("src/sinks/gelf/gelf_sink.cpp", "item.retry = !refused;", "item.retry = true;", "cli/gelf_sink_test.py Http.test_poison_is_a_dead_letter_and_its_neighbours_are_stored"),
    ("src/sinks/gelf/gelf_sink.cpp", "left < (refused ? i + 1 : records.size())", "left < i + 1", "cli/gelf_sink_test.py Http.test_an_outage_within_a_batch_sends_nothing_twice"),
    ("src/sinks/gelf/gelf_sink.cpp", "if (const std::string_view key = http_only(settings); !key.empty()) {", "if (const std::string_view key = http_only(settings); false) {", "cli/gelf_sink_test.py Tcp.test_what_only_http_has_is_refused"),
    # S3: one object, one key, whole
    ("src/sinks/s3/s3_key.cpp", 'sum = crc32("\\n", crc32(record.line, sum));', "sum = crc32(record.line, sum);", "cli/s3_sink_test.py S3.test_every_record_arrives_byte_for_byte_plain_and_compressed"),
    ("src/sinks/s3/s3_sink.cpp", '{"X-Amz-Checksum-Crc32", checksum_text(crc32(body))},', '{"X-Amz-Checksum-Crc32", checksum_text(crc32(target))},', "cli/s3_sink_test.py S3.test_every_record_arrives_byte_for_byte_plain_and_compressed"),
    ("src/sinks/s3/s3_sink.cpp", 'call("PUT", percent_encoded(key, "/"), packed.value(), context.stop)', 'call("PUT", key, packed.value(), context.stop)', "cli/s3_sink_test.py S3.test_keys_are_signed_whatever_is_in_them"),
    ("src/sinks/s3/s3_answer.cpp", '{"EntityTooLarge", Kind::split},', '{"EntityTooLarge", Kind::hold},', "cli/s3_sink_test.py S3.test_an_object_that_is_too_large_comes_in_halves"),
    ("src/sinks/s3/s3_answer.cpp", 'if (!right.empty() && right != region) return', 'if (right.empty()) return', "cli/s3_sink_test.py S3.test_the_operator_is_told_what_to_do_and_all_is_kept"),
    # PostgreSQL, on the program
    ("src/sinks/postgres/postgres_answer.cpp", '    {"22", Kind::split},\n', '    {"22", Kind::hold},\n', "cli/postgres_sink_test.py Postgres.test_poison_is_a_dead_letter_and_its_neighbours_are_stored"),
    ("src/sinks/postgres/postgres_table.cpp", 'if (table.conflict_key.empty()) return "COPY', 'if (true) return "COPY', "cli/postgres_sink_test.py Postgres.test_what_is_sent_again_is_stored_once"),
    ("src/sinks/postgres/postgres_connection.cpp", "line.replace(at, password_.size(), \"***\");", "", "cli/postgres_sink_test.py Postgres.test_a_refused_password_keeps_all_is_said_and_never_shown"),
    ("src/sinks/postgres/postgres_sink.cpp", "while (next < records.size() && out.size() < kPieceBytes) {", "while (next + 1 < records.size() && out.size() < kPieceBytes) {", "cli/postgres_sink_test.py Postgres.test_every_record_is_a_row_in_order_and_byte_for_byte"),
    # Lines where a bug would be noticed late
    ("src/stage/redact/redact_settings.cpp", '{"drop", RedactSettings::OnError::drop}, {"pass", RedactSettings::OnError::pass}', '{"drop", RedactSettings::OnError::pass}, {"pass", RedactSettings::OnError::drop}', "rows: each choice*"),
    ("src/net/http_client.cpp", "CURL_SSLVERSION_TLSv1_2", "CURL_SSLVERSION_TLSv1_0", "cli/tls_floor_test.py"),
    ("src/input/intake.cpp", "std::min(now + timeout, flow_->waiting_.group_began + kMostTimeouts * timeout)", "now + timeout", "intake: a group of lines that never ends*"),
    ("src/input/intake.cpp", "if (now > arrival_ || arrival_ - now > kMostAhead) arrival_ = now;", "if (now > arrival_) arrival_ = now;", "intake: records have the time of a clock that was set back*"),
    ("src/input/intake.cpp", "if (now > arrival_ || arrival_ - now > kMostAhead) arrival_ = now;", "arrival_ = now;", "intake: records have the time of a clock that was set back*"),
    ("src/delivery/spool_traffic.cpp", "constexpr std::size_t kGroupRecords = 16384;", "constexpr std::size_t kGroupRecords = 1;", "spool traffic: what one append takes*"),
    ("src/delivery/spool_traffic.cpp", "return records >= kGroupRecords || bytes >= std::min(kGroupBytes, queue_bytes / kShareOfQueue);", "return records >= kGroupRecords;", "spool traffic: what one append takes*"),
    ("src/stats/admin/admin_server.cpp", "now - taken_at >= kSnapshotLife", "true", "admin server: however often*"),
]
