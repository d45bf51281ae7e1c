"""Bugs in signals, messages, presets and the network over time that the tests must notice. See run.py; many rows run the
program itself."""

TARGET = "ship_tests"

TERMINAL = "cli/terminal_manners_test.py "
MANNERS = "cli/manners_test.py "
CERTIFICATES = "fault/certificates_test.py Certificates."
MOVES = "fault/network_test.py MovingName."
HTTP = "src/net/http_client.cpp"
SUPERVISOR = "src/process/supervisor.cpp"
VOICE = "src/stats/voice.cpp"

MUTATIONS = [
    # Signals
    (SUPERVISOR, "(!to_group || !leads_its_group())", "!to_group", MANNERS + "Command.test_one_that_left_its_group_is_killed_when_its_grace_is_over"),
    (SUPERVISOR, "(!to_group || !leads_its_group()) && ::kill", "false && ::kill", MANNERS + "Command.test_one_that_left_its_group_is_still_told_to_end"),
    (SUPERVISOR, "if (number == SIGHUP && !settings_.forward_hup) return;", "if (number == SIGHUP) return;", TERMINAL + "Signals.test_hup_reaches_the_command_unless_it_should_not"),
    ("cli/signals.cpp", 'return name == "none" ? kNoSignal : SIGUSR1;', "return SIGUSR1;", TERMINAL + "Signals.test_with_none_every_signal_that_could_ask_for_statistics_is_the_commands"),
    ("cli/signals.cpp", "  sigfillset(&set);\n  for (const int number : kNeverHeld)", "  sigemptyset(&set);\n  for (const int number : kNeverHeld)", MANNERS + "FirstInstruction.test_signals_are_held_before_the_configuration_is_read"),
    ("cli/commands.cpp", "if (!ships) Signals::let_go(inherited);", "Signals::let_go(inherited);", MANNERS + "FirstInstruction.test_no_signal_before_it_is_ready_ends_it"),
    ("cli/commands.cpp", "if (!ships) Signals::let_go(inherited);", "if (!ships && false) Signals::let_go(inherited);", MANNERS + "FirstInstruction.test_other_commands_die_of_their_signals"),
    ("cli/run.cpp", "if (kind_ == Kind::pipe && number == SIGINT) {", "if (false) {", TERMINAL + "AtATerminal.test_ctrl_c_lets_the_writer_of_a_pipeline_of_three_clean_up"),
    ("cli/run.cpp", "if (kind_ == Kind::pipe && number == SIGINT) {", "if (false) {", TERMINAL + "AtATerminal.test_ctrl_c_lets_a_writer_that_reloads_itself_clean_up"),
    ("cli/run.cpp", "if (draining_ || kind_ == Kind::replay) {", "if (kind_ == Kind::replay) {", MANNERS + "CtrlC.test_a_second_one_or_term_ends_at_once"),
    ("cli/run.cpp", "if (kind_ == Kind::command && number == SIGINT) return;", "", MANNERS + "CtrlC.test_it_never_ends_the_drain_after_a_command"),
    # Words
    ("cli/run.cpp", "if (!ending.output_lost) sum_up(ending);", "sum_up(ending);", TERMINAL + "AtATerminal.test_head_behind_it_is_not_worth_a_word"),
    ("src/input/source.cpp", "standard input is closed", "open for writing only", TERMINAL + "AtATerminal.test_closed_input_is_called_closed"),
    ("cli/run.cpp", "if (kind == Run::Kind::files && settings.input.paths.empty()", "if (false && settings.input.paths.empty()", TERMINAL + "AtATerminal.test_without_arguments_it_says_what_it_waits_for_and_ctrl_d_ends_it"),
    (VOICE, "if (losing) {", "if (losing && false) {", "voice: what happens to the lines is said*"),
    (VOICE, "if (state == State::gone && !others) {", "if (state == State::gone && !others && false) {", "voice: a reader of the only output that left*"),
    (VOICE, 'if (sink.breaker != "closed") return State::down;', "", "voice: each change of state*"),
    ("src/stats/summary.cpp", "std::min(slots, uptime)", "slots", "summary: the queue of a run is told as it is now*"),
    ("src/stats/summary.cpp", "static_cast<std::uint64_t>(sink.filled() * kFull)", "std::uint64_t{peaks.back()}", "summary: the queue of a run is told as it is now*"),
    ("src/assembly/explain.cpp", "input_.find(record.line) != std::string_view::npos", "input_ == record.line", MANNERS + "Explain.test_each_line_is_told_for_itself"),
    ("cli/top.cpp", '"trying again since " + away_since_', 'std::string("trying again since ")', "cli/top_test.py Top.test_it_says_when_nobody_answers_and_goes_on_when_somebody_does"),
    ("cli/top_stats.cpp", 'if (sink.health == "needs_operator")', "if (false)", "top: what is said of a sink is the cause*"),
    ("cli/log_form.cpp", "if (is_journal(fd)) return", "if (is_journal(fd) && false) return", "log form: auto is the journal*"),
    ("src/stats/admin/admin_server.cpp", 'if (request.path == "/readyz/shipper") return {200', 'if (request.path == "/readyz/shipper") return {503', "cli/admin_server_test.py Answers.test_ready_while_a_sink_takes_records_and_not_when_none_does"),
    ("src/stats/admin/admin_server.cpp", 'if (request.path == "/readyz/shipper") return {200', 'if (request.path == "/readyz/shipper") return {503', "cli/documents_test.py Containers.test_a_pods_probes_hold_while_its_log_server_is_down"),
    # Configuration
    ("config/load.cpp", "const int wait = regular_only ? O_NONBLOCK : 0;", "const int wait = 0; regular_only = false;", "cli/reload_test.py ReloadTest.test_what_is_not_a_file_any_more_is_refused_at_once_and_later_signals_work"),
    ("config/toml_loader.cpp", "++parts > kMostParts", "++parts > 1000000", "toml loader: a key of any depth*"),
    ("config/shown_url.cpp", "looks_like_key(part) ? kMask", "looks_like_key(part) && false ? kMask", "print config: of a URL*"),
    # The network over time
    ("src/net/tls_files.cpp", "if (now == Stamp() || now == file.stamp) continue;", "continue;", CERTIFICATES + "test_loki"),
    (HTTP, "curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L);", "", CERTIFICATES + "test_http"),
    (HTTP, "curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);", "", CERTIFICATES + "test_http"),
    (HTTP, "CURLOPT_FRESH_CONNECT, connect_anew_ ? 1L : 0L", "CURLOPT_FRESH_CONNECT, 0L", CERTIFICATES + "test_http"),
    ("src/sinks/kafka/kafka_client.cpp", "tls_changed_ = tls_files_.changed() || tls_changed_;", "", CERTIFICATES + "test_kafka"),
    ("src/sinks/kafka/kafka_producer.cpp", "client_->trouble() && client_->tls_files_changed()", "false", CERTIFICATES + "test_kafka"),
    (HTTP, "resolve_anew_ = status == 0;", "", MOVES + "test_the_old_server_dies"),
    (HTTP, "static_cast<long>(transport.whole_max_age().count())", "0L", MOVES + "test_the_old_server_lives"),
    (HTTP, 'if (transport.proxy == "none") {', 'if (transport.proxy == "none" || transport.proxy.empty()) {', "http client: the environment's proxies*"),
    ("src/net/http_headers.cpp", "    secrets.emplace_back(base64(written));\n", "", "http client: what a proxy repeats*"),
]
