# fish completion of fapilog-ship

# What stands behind -- is another command's.
function __fapilog_ship_behind
    contains -- -- (commandline -opc)
end

function __fapilog_ship_first
    not __fapilog_ship_behind; and __fish_use_subcommand
end

function __fapilog_ship_command
    set -l words (commandline -opc)
    set -e words[1..(contains -i -- -- $words)]
    set -l escaped (string escape -- $words)
    complete -C (string join ' ' -- $escaped (commandline -ct))
end

# The words of a list behind those that are there.
function __fapilog_ship_list
    set -l typed (string match -r '^.*,' -- (commandline -ct)); or set typed ''
    printf '%s\n' $typed$argv
end

# The sinks of the configurations that stand on the command line, else of the usual one.
function __fapilog_ship_sinks
    set -l words (commandline -opc)
    set -l files
    for i in (seq (count $words))
        switch $words[$i]
            case -c --config
                set -a files $words[(math $i + 1)]
            case '--config=*'
                set -a files (string replace -- --config= '' $words[$i])
        end
    end
    test -n "$files"; or set files /etc/fapilog-ship/config.toml
    cat $files 2>/dev/null | string match -rg '^\s*\[sinks\.([^].]+)\]' | sort -u
end

complete -c fapilog-ship -f
complete -c fapilog-ship -n __fapilog_ship_behind -a '(__fapilog_ship_command)'
complete -c fapilog-ship -n __fapilog_ship_first -a check -d 'validate the configuration'
complete -c fapilog-ship -n __fapilog_ship_first -a init -d 'write a commented configuration to start from'
complete -c fapilog-ship -n __fapilog_ship_first -a replay -d 'send dead letters or a spool again'
complete -c fapilog-ship -n __fapilog_ship_first -a top -d 'show a run live in this terminal'
complete -c fapilog-ship -n __fapilog_ship_first -a tap -d 'show the records of a run as they pass'
complete -c fapilog-ship -n __fapilog_ship_first -a health -d 'ask a run whether it is there; exit 0 or 1'
complete -c fapilog-ship -n __fapilog_ship_first -a verify -d 'check sealed files for tampering'
complete -c fapilog-ship -n __fapilog_ship_first -a completions -d 'print a completion script'
complete -c fapilog-ship -n __fapilog_ship_first -a help -d 'show this help, or that of a command'
complete -c fapilog-ship -n __fapilog_ship_first -a version -d 'print the version, features and libraries'
complete -c fapilog-ship -n '__fish_seen_subcommand_from completions' -a 'bash zsh fish'
complete -c fapilog-ship -n '__fish_seen_subcommand_from check init replay verify' -F
complete -c fapilog-ship -n '__fish_seen_subcommand_from check' -l connect -d 'reach every sink, and say what is found there'
complete -c fapilog-ship -n '__fish_seen_subcommand_from check' -l explain -d 'tell what each stage does to the lines given, or to those of standard input, and what each sink would send'
complete -c fapilog-ship -n '__fish_seen_subcommand_from top' -l url -x -d 'where it listens: http://HOST:PORT, HOST:PORT or unix:PATH'
complete -c fapilog-ship -n '__fish_seen_subcommand_from tap' -l url -x -d 'where it listens: http://HOST:PORT, HOST:PORT or unix:PATH'
complete -c fapilog-ship -n '__fish_seen_subcommand_from tap' -l where -x -d 'only records for which this holds, as in filter.where'
complete -c fapilog-ship -n '__fish_seen_subcommand_from tap' -l stage -x -a 'in out' -d 'in: as they are submitted; out: as sinks get them (default: in; with --sink out)'
complete -c fapilog-ship -n '__fish_seen_subcommand_from tap' -l sink -x -a '(__fapilog_ship_sinks)' -d 'only what this sink gets, by its name in the configuration'
complete -c fapilog-ship -n '__fish_seen_subcommand_from tap' -s n -l count -x -d 'end after so many records'
complete -c fapilog-ship -n '__fish_seen_subcommand_from health' -l url -x -d 'where it listens: http://HOST:PORT, HOST:PORT or unix:PATH'
complete -c fapilog-ship -n '__fish_seen_subcommand_from verify' -l seal-key-file -r -F -d 'a public key of the seal; repeatable'
complete -c fapilog-ship -n '__fish_seen_subcommand_from verify' -l expect-head -x -d 'the root of a manifest that must be there; repeatable'
complete -c fapilog-ship -n '__fish_seen_subcommand_from verify' -l anchor -r -F -d 'the records that the anchor of the seal got; repeatable'
complete -c fapilog-ship -s c -l config -r -F -d 'read settings from a TOML file; may be repeated, later files win key by key (default: /etc/fapilog-ship/config.toml if it exists)'
complete -c fapilog-ship -l preset -x -a 'dev production fastapi serverless hardened minimal adaptive' -d 'start from a named set of values, named as in fapilog'
complete -c fapilog-ship -l print-config -d 'print the effective configuration as TOML, with the origin of each value'
complete -c fapilog-ship -l progress -x -a 'auto always never' -d 'show progress while reading files: auto: on a terminal; always: also as lines elsewhere'
complete -c fapilog-ship -s q -l quiet -d 'show errors only'
complete -c fapilog-ship -s v -l verbose -d 'show details of what it does'
complete -c fapilog-ship -s V -l version -d 'print the version, features and libraries'
complete -c fapilog-ship -s h -l help -d 'print all help; -h prints what matters most'
complete -c fapilog-ship -s i -l input -r -F -d 'read these files instead of standard input, or listen on unix:PATH, tcp://ADDR:PORT or what systemd passes (systemd:, systemd:NAME); may be repeated'
complete -c fapilog-ship -l follow -d 'go on reading files that grow, through rotation; --input takes patterns such as \'/var/log/app/*.log\', too'
complete -c fapilog-ship -l no-follow -d 'go on reading files that grow, through rotation; --input takes patterns such as \'/var/log/app/*.log\', too'
complete -c fapilog-ship -l checkpoint -r -F -d 'of followed files: where it is kept how far each was shipped, so that the next run goes on there'
complete -c fapilog-ship -l start -x -a 'checkpoint end beginning' -d 'of followed files: where the checkpoint says (else at the beginning), at the end of those that it does not know, or all from the beginning'
complete -c fapilog-ship -l fifo -x -a 'end keep make' -d 'when the last writer of a FIFO is gone: end with it, or keep it open for the next; make also makes one that is not there'
complete -c fapilog-ship -l max-connections -x -d 'connections of all sockets together; those beyond are closed at once and counted'
complete -c fapilog-ship -l idle-timeout -x -d 'a connection that sends nothing for so long is closed; 0: never'
complete -c fapilog-ship -l format -x -a 'auto json text' -d 'what a line is: JSON objects, plain text, or both'
complete -c fapilog-ship -l on-invalid -x -a 'wrap drop dead-letter' -d 'what happens to a line that is not a JSON object'
complete -c fapilog-ship -l max-line-bytes -x -d 'longer lines are cut, marked _truncated and counted'
complete -c fapilog-ship -l multiline -d 'join tracebacks and other continuation lines of plain text'
complete -c fapilog-ship -l no-multiline -d 'join tracebacks and other continuation lines of plain text'
complete -c fapilog-ship -l multiline-start -x -d 'a line of plain text that matches this (RE2) starts a message, and all others join the one before; replaces the built-in rules'
complete -c fapilog-ship -l multiline-timeout -x -d 'how long plain text waits for continuation lines'
complete -c fapilog-ship -l level-field -x -d 'dotted paths to look for the level, before the places of known loggers'
complete -c fapilog-ship -l time-field -x -d 'the same for the time'
complete -c fapilog-ship -l message-field -x -d 'the same for the message, as pretty, logfmt and OTLP show it'
complete -c fapilog-ship -l unwrap -x -a 'none docker cri journald auto' -d 'ship what a platform\'s envelope holds: Docker\'s json-file, journalctl -o json; lines of a container\'s log (CRI) are always unwrapped'
complete -c fapilog-ship -l level-from-text -d 'find level and time in plain text, too'
complete -c fapilog-ship -l no-level-from-text -d 'find level and time in plain text, too'
complete -c fapilog-ship -l time-zone -x -d 'for times without a zone: local, UTC, or an offset from UTC such as +02:00'
complete -c fapilog-ship -l grace -x -d 'kill the command if it still runs this long after SIGTERM or SIGINT; 0 is never'
complete -c fapilog-ship -l forward-hup -d 'pass SIGHUP on to the command, too'
complete -c fapilog-ship -l no-forward-hup -d 'pass SIGHUP on to the command, too'
complete -c fapilog-ship -l signal-child-only -d 'send signals to the command alone, not to its process group'
complete -c fapilog-ship -l no-signal-child-only -d 'send signals to the command alone, not to its process group'
complete -c fapilog-ship -l rewrite-signal -x -d 'pass on TO when FROM arrives, or nothing if TO is 0; may be repeated'
complete -c fapilog-ship -l expect-exit -x -d 'an exit code of the command that counts as 0; may be repeated'
complete -c fapilog-ship -l pdeathsig -x -d 'the signal for the command if fapilog-ship dies first, or none'
complete -c fapilog-ship -l subreaper -d 'reap orphaned processes without being PID 1'
complete -c fapilog-ship -l no-subreaper -d 'reap orphaned processes without being PID 1'
complete -c fapilog-ship -l queue-size -x -d 'records that may wait'
complete -c fapilog-ship -l queue-bytes -x -d 'bytes that may wait; a hard ceiling'
complete -c fapilog-ship -l drop-on-full -d 'when the queue is full, drop instead of holding the input back; off if every input is a regular file'
complete -c fapilog-ship -l no-drop-on-full -d 'when the queue is full, drop instead of holding the input back; off if every input is a regular file'
complete -c fapilog-ship -l wait -x -d 'how long a full queue may hold the input back before it drops'
complete -c fapilog-ship -l drop -x -a 'newest oldest' -d 'which unprotected record gives way in a full queue'
complete -c fapilog-ship -l protected-levels -x -a '(__fapilog_ship_list TRACE DEBUG INFO WARNING ERROR CRITICAL FATAL AUDIT SECURITY)' -d 'levels to drop last, a comma list'
complete -c fapilog-ship -n 'not __fish_seen_subcommand_from tap' -s s -l sink -x -a 'stdout: file:// http:// https:// loki+http:// loki+https:// elasticsearch+http:// elasticsearch+https:// cloudwatch:// otlp+http:// otlp+https:// kafka:// splunk+http:// splunk+https:// datadog:// gcp:// s3:// syslog+tcp:// syslog+tls:// syslog+udp:// syslog+unix:// gelf+tcp:// gelf+tls:// gelf+http:// gelf+https:// tcp:// tls:// unix:// postgres:// postgresql:// null:' -d 'where records go; may be repeated'
complete -c fapilog-ship -l pretty -d 'short for --sink \'stdout:?format=pretty\''
complete -c fapilog-ship -s o -l output -r -F -d 'short for --sink file:FILE'
complete -c fapilog-ship -l color -x -a 'auto always never' -d 'colours of the pretty format, unless a sink sets its own'
complete -c fapilog-ship -l time -x -a 'local utc' -d 'times of the pretty format, unless a sink sets its own'
complete -c fapilog-ship -l workers -x -d 'requests in flight to each remote sink; auto: as many as latency, refusals and backlog call for'
complete -c fapilog-ship -l max-in-flight -x -d 'the limit for workers = auto'
complete -c fapilog-ship -l order -x -a 'keep any' -d 'keep: lines arrive in the order they were read, one request at a time; any: requests go side by side'
complete -c fapilog-ship -l batch-size -x -d 'records in one batch'
complete -c fapilog-ship -l batch-bytes -x -d 'bytes of lines in one batch; at most an eighth of queue.max_bytes'
complete -c fapilog-ship -l batch-timeout -x -d 'how long a batch waits to fill up'
complete -c fapilog-ship -l request-timeout -x -d 'how long one request may take'
complete -c fapilog-ship -l retry-base -x -d 'first wait before a retry; doubles each time, with full jitter'
complete -c fapilog-ship -l retry-max -x -d 'longest wait between retries'
complete -c fapilog-ship -l retry-max-elapsed -x -d 'give up on a batch after this long; 0 is never'
complete -c fapilog-ship -l breaker-failures -x -d 'after this many failures in a row, only probe the sink; 0 is never'
complete -c fapilog-ship -l breaker-interval -x -d 'time between probes'
complete -c fapilog-ship -l drain-timeout -x -d 'time to deliver what is left, at end of input or SIGTERM'
complete -c fapilog-ship -l fail-on-loss -d 'exit with 75 if any record was dropped'
complete -c fapilog-ship -l no-fail-on-loss -d 'exit with 75 if any record was dropped'
complete -c fapilog-ship -l keep -r -F -d 'lose nothing: a durable spool and dead letters below this directory'
complete -c fapilog-ship -l spool -r -F -d 'keep overflow and undelivered records in this directory'
complete -c fapilog-ship -l spool-bytes -x -d 'bytes that the spool may use'
complete -c fapilog-ship -l spool-mode -x -a 'overflow durable off' -d 'overflow: what memory cannot hold; durable: on disk before delivery; off: no spool'
complete -c fapilog-ship -l spool-wait -x -d 'longest time that the input waits without a byte reaching the disk'
complete -c fapilog-ship -l dead-letter -r -F -d 'write what a sink refuses for good to this file'
complete -c fapilog-ship -l min-level -x -a 'TRACE DEBUG INFO WARNING ERROR CRITICAL' -d 'leave out records below this level'
complete -c fapilog-ship -l where -x -d 'keep only records that match: fields, == != < <= > >=, in (…), contains, starts_with, ends_with, matches (RE2), exists, and, or, not'
complete -c fapilog-ship -l dedup -x -d 'of equal records within this time, keep the first and one that says how often it was repeated; 0 is off'
complete -c fapilog-ship -l dedup-keys -x -d 'the fields that make records equal'
complete -c fapilog-ship -l dedup-max-keys -x -d 'how many different records to remember'
complete -c fapilog-ship -l sample -x -d 'keep this share of records, 0 to 1; a trace is kept or left out as a whole'
complete -c fapilog-ship -l sample-trace-field -x -d 'the field that names the trace, instead of trace_id, traceId, trace.id and dd.trace_id'
complete -c fapilog-ship -l rate-limit -x -d 'let this many records a second through, for each key; 0 is off'
complete -c fapilog-ship -l rate-limit-capacity -x -d 'records that may come in one burst; 0 is the records of one second'
complete -c fapilog-ship -l rate-limit-key -x -d 'limit each value of this field separately'
complete -c fapilog-ship -l rate-limit-max-keys -x -d 'how many values to remember'
complete -c fapilog-ship -l adaptive -x -d 'sample so that about this many records a second remain; 0 is off'
complete -c fapilog-ship -l adaptive-min -x -d 'the smallest share to keep'
complete -c fapilog-ship -l adaptive-max -x -d 'the largest share to keep'
complete -c fapilog-ship -l adaptive-window -x -d 'how long to remember a burst'
complete -c fapilog-ship -l adaptive-trace-field -x -d 'as --sample-trace-field'
complete -c fapilog-ship -l always-pass-levels -x -a '(__fapilog_ship_list TRACE DEBUG INFO WARNING ERROR CRITICAL FATAL AUDIT SECURITY)' -d 'levels that sampling and rate limits never drop'
complete -c fapilog-ship -l enrich-runtime -d 'add host, pid, and service, env, version from FAPILOG_SERVICE, FAPILOG_ENV, FAPILOG_VERSION'
complete -c fapilog-ship -l no-enrich-runtime -d 'add host, pid, and service, env, version from FAPILOG_SERVICE, FAPILOG_ENV, FAPILOG_VERSION'
complete -c fapilog-ship -l enrich-kubernetes -d 'add k8s_pod, k8s_namespace, k8s_node, k8s_container, k8s_cluster and k8s_deployment from POD_NAME, POD_NAMESPACE, NODE_NAME, CONTAINER_NAME, CLUSTER_NAME'
complete -c fapilog-ship -l no-enrich-kubernetes -d 'add k8s_pod, k8s_namespace, k8s_node, k8s_container, k8s_cluster and k8s_deployment from POD_NAME, POD_NAMESPACE, NODE_NAME, CONTAINER_NAME, CLUSTER_NAME'
complete -c fapilog-ship -l enrich-container -d 'add container_id'
complete -c fapilog-ship -l no-enrich-container -d 'add container_id'
complete -c fapilog-ship -l enrich-cloud -x -a 'none auto aws gcp azure' -d 'ask the cloud\'s metadata service once and add cloud_provider, cloud_region, cloud_zone, cloud_account, cloud_instance_id and cloud_instance_type'
complete -c fapilog-ship -l enrich-labels -r -F -d 'add the key="value" lines of this file as labels'
complete -c fapilog-ship -l enrich-overwrite -d 'also replace fields that a record already has'
complete -c fapilog-ship -l no-enrich-overwrite -d 'also replace fields that a record already has'
complete -c fapilog-ship -l enrich -x -d 'add a field to every record that lacks it; may be repeated'
complete -c fapilog-ship -l enrich-env -x -d 'add a field with the text of an environment variable; may be repeated'
complete -c fapilog-ship -l redact -x -a '(__fapilog_ship_list credentials pii pci hipaa gdpr gdpr_uk ccpa contact financial field_blocker contact_info personal_identifiers online_identifiers financial_identifiers us_government_ids uk_government_ids eu_government_ids gdpr_pii gdpr_pii_uk ccpa_pii hipaa_phi pci_dss jwt aws_key github_token gitlab_token slack_token slack_webhook stripe_key google_key azure_key npm_token pypi_token sendgrid_key openai_key anthropic_key huggingface_token vault_token terraform_token digitalocean_token shopify_token onepassword_key adobe_key age_key alibaba_key artifactory_key atlassian_token cloudflare_key databricks_token discord_token docker_token doppler_token dropbox_token duffel_token dynatrace_token easypost_key facebook_token figma_token flutterwave_key fly_token frameio_token grafana_token groq_key heroku_key linear_key mailchimp_key mailgun_key newrelic_key notion_token nuget_key nvidia_key openshift_token perplexity_key planetscale_token postman_key prefect_key pulumi_token readme_key replicate_token rubygems_key sendinblue_key sentry_token shippo_token sonar_token square_token supabase_token telegram_token twilio_key typeform_token xai_key yandex_key private_key url_userinfo bearer assignment authorization cookie email phone card iban ip ssn nino nhs_number)' -d 'redact secrets, by field name and anywhere in a text: credentials, pii, pci, hipaa, gdpr, gdpr_uk, ccpa, contact, financial, field_blocker, fapilog\'s names such as GDPR_PII, or single patterns such as jwt or email; may be repeated'
complete -c fapilog-ship -l redact-field -x -d 'redact these fields: a name at any depth, a path with dots, * and **; may be repeated'
complete -c fapilog-ship -l redact-action -x -a 'mask partial hash remove' -d 'what replaces a secret'
complete -c fapilog-ship -l redact-mask -x -d 'the text that replaces it'
complete -c fapilog-ship -l redact-hash-key -x -d 'the key for the action hash: equal secrets give equal texts everywhere'
complete -c fapilog-ship -l redact-hash-key-file -r -F -d 'a file that holds that key'
complete -c fapilog-ship -l redact-on-error -x -a 'drop pass' -d 'what happens to a record that could not be redacted'
complete -c fapilog-ship -l redact-pattern -x -d 'a pattern of your own, in the syntax of RE2 (no look-around, no back references); may be repeated'
complete -c fapilog-ship -l redact-action-for -x -d 'a different action for one pattern or field; may be repeated'
complete -c fapilog-ship -l keep-field -x -d 'keep only these fields; may be repeated'
complete -c fapilog-ship -l remove -x -d 'remove these fields; may be repeated'
complete -c fapilog-ship -l timestamp -x -a 'keep rfc3339 epoch_s epoch_ms epoch_us epoch_ns' -d 'write the record\'s time in this form'
complete -c fapilog-ship -l envelope -x -a 'keep unwrap flatten' -d 'unwrap: remove fapilog\'s {"log":…}; flatten: also turn nested objects into context.user_id'
complete -c fapilog-ship -l rename -x -d 'rename a field, in place; may be repeated'
complete -c fapilog-ship -l level-name -x -d 'write a level under another name; may be repeated'
complete -c fapilog-ship -l max-record-bytes -x -d 'shorten the longest texts of records over this size; 0 is off'
complete -c fapilog-ship -l max-record-action -x -a 'truncate drop' -d 'shorten them, or drop the record'
complete -c fapilog-ship -l label -x -d 'a static label for every sink that has labels; may be repeated'
complete -c fapilog-ship -l listen -x -d 'serve /metrics, /healthz, /readyz, /stats and, for a browser, a live page; without ADDR on 127.0.0.1; or unix:PATH'
complete -c fapilog-ship -l server-token -x -d 'the token that clients of --listen must send, except for /healthz and /readyz; top sends it'
complete -c fapilog-ship -l server-token-file -r -F -d 'the same, from a file that is read again when it changes'
complete -c fapilog-ship -l server-tap -x -a 'on off raw' -d 'let tap show records, where --listen is loopback, a Unix socket or has a token; raw: also as they are before the redaction'
complete -c fapilog-ship -l stats-format -x -a 'text json' -d 'the format of statistics, which always go to standard error'
complete -c fapilog-ship -l stats-interval -x -d 'print them regularly; 0 is never'
complete -c fapilog-ship -l stats-at-exit -d 'print them at the end'
complete -c fapilog-ship -l no-stats-at-exit -d 'print them at the end'
complete -c fapilog-ship -l stats-signal -x -a 'USR1 USR2 QUIT WINCH none' -d 'the signal that asks for them'
complete -c fapilog-ship -l log-format -x -a 'auto text json journal' -d 'the format of the program\'s own messages; auto: journal under systemd, else text, with the time unless a terminal shows it'
complete -c fapilog-ship -l log-level -x -a 'debug info warning error' -d 'the lowest level of its own messages to show'
