# bash completion of fapilog-ship

_fapilog_ship() {
    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} word command=''
    # bash takes --flag=value for three words.
    if [[ $current == = ]]; then
        current=''
    elif [[ $before == = ]]; then
        before=${COMP_WORDS[COMP_CWORD-2]}
    fi
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case $word in
            check | init | replay | top | health | verify | completions | help | version) command=${command:-$word} ;;
        esac
    done
    COMPREPLY=()
    case $before in
        -c|--config)
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            compopt -o filenames 2>/dev/null
            return
            ;;
        --preset)
            mapfile -t COMPREPLY < <(compgen -W 'dev production fastapi serverless hardened minimal adaptive' -- "$current")
            return
            ;;
        --progress)
            mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$current")
            return
            ;;
        -i|--input)
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            compopt -o filenames 2>/dev/null
            return
            ;;
        --format)
            mapfile -t COMPREPLY < <(compgen -W 'auto json text' -- "$current")
            return
            ;;
        --on-invalid)
            mapfile -t COMPREPLY < <(compgen -W 'wrap drop dead-letter' -- "$current")
            return
            ;;
        --max-line-bytes)
            return
            ;;
        --multiline-start)
            return
            ;;
        --multiline-timeout)
            return
            ;;
        --level-field)
            return
            ;;
        --time-field)
            return
            ;;
        --message-field)
            return
            ;;
        --unwrap)
            mapfile -t COMPREPLY < <(compgen -W 'none docker cri journald auto' -- "$current")
            return
            ;;
        --time-zone)
            return
            ;;
        --grace)
            return
            ;;
        --rewrite-signal)
            return
            ;;
        --expect-exit)
            return
            ;;
        --pdeathsig)
            return
            ;;
        --queue-size)
            return
            ;;
        --queue-bytes)
            return
            ;;
        --wait)
            return
            ;;
        --drop)
            mapfile -t COMPREPLY < <(compgen -W 'newest oldest' -- "$current")
            return
            ;;
        --protected-levels)
            return
            ;;
        -s|--sink)
            mapfile -t COMPREPLY < <(compgen -W 'stdout: file:// http:// https:// loki+http:// loki+https:// elasticsearch+http:// elasticsearch+https:// cloudwatch:// otlp+http:// otlp+https:// kafka:// syslog+tcp:// syslog+tls:// syslog+udp:// syslog+unix:// gelf+tcp:// gelf+tls:// gelf+http:// gelf+https:// tcp:// tls:// unix:// null:' -- "$current")
            compopt -o nospace 2>/dev/null
            return
            ;;
        -o|--output)
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            compopt -o filenames 2>/dev/null
            return
            ;;
        --color)
            mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$current")
            return
            ;;
        --time)
            mapfile -t COMPREPLY < <(compgen -W 'local utc' -- "$current")
            return
            ;;
        --workers)
            return
            ;;
        --max-in-flight)
            return
            ;;
        --order)
            mapfile -t COMPREPLY < <(compgen -W 'keep any' -- "$current")
            return
            ;;
        --batch-size)
            return
            ;;
        --batch-bytes)
            return
            ;;
        --batch-timeout)
            return
            ;;
        --request-timeout)
            return
            ;;
        --retry-base)
            return
            ;;
        --retry-max)
            return
            ;;
        --retry-max-elapsed)
            return
            ;;
        --breaker-failures)
            return
            ;;
        --breaker-interval)
            return
            ;;
        --drain-timeout)
            return
            ;;
        --keep)
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            compopt -o filenames 2>/dev/null
            return
            ;;
        --spool)
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            compopt -o filenames 2>/dev/null
            return
            ;;
        --spool-bytes)
            return
            ;;
        --spool-mode)
            mapfile -t COMPREPLY < <(compgen -W 'overflow durable off' -- "$current")
            return
            ;;
        --spool-wait)
            return
            ;;
        --dead-letter)
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            compopt -o filenames 2>/dev/null
            return
            ;;
        --min-level)
            mapfile -t COMPREPLY < <(compgen -W 'DEBUG INFO WARNING ERROR CRITICAL' -- "$current")
            return
            ;;
        --where)
            return
            ;;
        --dedup)
            return
            ;;
        --dedup-keys)
            return
            ;;
        --dedup-max-keys)
            return
            ;;
        --sample)
            return
            ;;
        --sample-trace-field)
            return
            ;;
        --rate-limit)
            return
            ;;
        --rate-limit-capacity)
            return
            ;;
        --rate-limit-key)
            return
            ;;
        --rate-limit-max-keys)
            return
            ;;
        --adaptive)
            return
            ;;
        --adaptive-min)
            return
            ;;
        --adaptive-max)
            return
            ;;
        --adaptive-window)
            return
            ;;
        --adaptive-trace-field)
            return
            ;;
        --always-pass-levels)
            return
            ;;
        --enrich-cloud)
            mapfile -t COMPREPLY < <(compgen -W 'none auto aws gcp azure' -- "$current")
            return
            ;;
        --enrich-labels)
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            compopt -o filenames 2>/dev/null
            return
            ;;
        --enrich)
            return
            ;;
        --enrich-env)
            return
            ;;
        --redact)
            return
            ;;
        --redact-field)
            return
            ;;
        --redact-action)
            mapfile -t COMPREPLY < <(compgen -W 'mask partial hash remove' -- "$current")
            return
            ;;
        --redact-mask)
            return
            ;;
        --redact-hash-key)
            return
            ;;
        --redact-hash-key-file)
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            compopt -o filenames 2>/dev/null
            return
            ;;
        --redact-on-error)
            mapfile -t COMPREPLY < <(compgen -W 'drop pass' -- "$current")
            return
            ;;
        --redact-pattern)
            return
            ;;
        --redact-action-for)
            return
            ;;
        --keep-field)
            return
            ;;
        --remove)
            return
            ;;
        --timestamp)
            mapfile -t COMPREPLY < <(compgen -W 'keep rfc3339 epoch_s epoch_ms epoch_us epoch_ns' -- "$current")
            return
            ;;
        --envelope)
            mapfile -t COMPREPLY < <(compgen -W 'keep unwrap flatten' -- "$current")
            return
            ;;
        --rename)
            return
            ;;
        --level-name)
            return
            ;;
        --max-record-bytes)
            return
            ;;
        --max-record-action)
            mapfile -t COMPREPLY < <(compgen -W 'truncate drop' -- "$current")
            return
            ;;
        --label)
            return
            ;;
        --listen)
            return
            ;;
        --server-token)
            return
            ;;
        --server-token-file)
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            compopt -o filenames 2>/dev/null
            return
            ;;
        --stats-format)
            mapfile -t COMPREPLY < <(compgen -W 'text json' -- "$current")
            return
            ;;
        --stats-interval)
            return
            ;;
        --stats-signal)
            mapfile -t COMPREPLY < <(compgen -W 'USR1 USR2 QUIT WINCH none' -- "$current")
            return
            ;;
        --log-format)
            mapfile -t COMPREPLY < <(compgen -W 'auto text json journal' -- "$current")
            return
            ;;
        --log-level)
            mapfile -t COMPREPLY < <(compgen -W 'debug info warning error' -- "$current")
            return
            ;;
        --url)
            return
            ;;
        --url)
            return
            ;;
        --seal-key-file)
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            compopt -o filenames 2>/dev/null
            return
            ;;
        --expect-head)
            return
            ;;
        --anchor)
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            compopt -o filenames 2>/dev/null
            return
            ;;
    esac
    if [[ $current == -* ]]; then
        word='-c --config --preset --print-config --progress -q --quiet -v --verbose -V --version -h --help -i --input --format --on-invalid --max-line-bytes --multiline --no-multiline --multiline-start --multiline-timeout --level-field --time-field --message-field --unwrap --level-from-text --no-level-from-text --time-zone --grace --forward-hup --no-forward-hup --signal-child-only --no-signal-child-only --rewrite-signal --expect-exit --pdeathsig --subreaper --no-subreaper --queue-size --queue-bytes --drop-on-full --no-drop-on-full --wait --drop --protected-levels -s --sink --pretty -o --output --color --time --workers --max-in-flight --order --batch-size --batch-bytes --batch-timeout --request-timeout --retry-base --retry-max --retry-max-elapsed --breaker-failures --breaker-interval --drain-timeout --fail-on-loss --no-fail-on-loss --keep --spool --spool-bytes --spool-mode --spool-wait --dead-letter --min-level --where --dedup --dedup-keys --dedup-max-keys --sample --sample-trace-field --rate-limit --rate-limit-capacity --rate-limit-key --rate-limit-max-keys --adaptive --adaptive-min --adaptive-max --adaptive-window --adaptive-trace-field --always-pass-levels --enrich-runtime --no-enrich-runtime --enrich-kubernetes --no-enrich-kubernetes --enrich-container --no-enrich-container --enrich-cloud --enrich-labels --enrich-overwrite --no-enrich-overwrite --enrich --enrich-env --redact --redact-field --redact-action --redact-mask --redact-hash-key --redact-hash-key-file --redact-on-error --redact-pattern --redact-action-for --keep-field --remove --timestamp --envelope --rename --level-name --max-record-bytes --max-record-action --label --listen --server-token --server-token-file --stats-format --stats-interval --stats-at-exit --no-stats-at-exit --stats-signal --log-format --log-level'
        case $command in
            check) word+=' --connect --explain' ;;
            top) word+=' --url' ;;
            health) word+=' --url' ;;
            verify) word+=' --seal-key-file --expect-head --anchor' ;;
        esac
        mapfile -t COMPREPLY < <(compgen -W "$word" -- "$current")
        return
    fi
    case $command in
        '')
            mapfile -t COMPREPLY < <(compgen -W 'check init replay top health verify completions help version' -- "$current"; compgen -f -- "$current")
            compopt -o filenames 2>/dev/null
            ;;
        completions) mapfile -t COMPREPLY < <(compgen -W 'bash zsh fish' -- "$current") ;;
        help) mapfile -t COMPREPLY < <(compgen -W 'check init replay top health verify completions help version' -- "$current") ;;
        check | init | replay | verify)
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            compopt -o filenames 2>/dev/null
            ;;
    esac
}

complete -F _fapilog_ship fapilog-ship
