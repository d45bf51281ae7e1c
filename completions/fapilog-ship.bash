# bash completion of fapilog-ship

# The sinks of the configurations that stand on the command line, else of the usual one.
_fapilog_ship_sinks() {
    local i files=()
    for ((i = 1; i < COMP_CWORD; ++i)); do
        case ${COMP_WORDS[i]} in
            -c | --config)
                [[ ${COMP_WORDS[i+1]} == = ]] && ((++i))
                files+=("${COMP_WORDS[i+1]/#\~/$HOME}")
                ;;
        esac
    done
    ((${#files[@]})) || files=(/etc/fapilog-ship/config.toml)
    sed -nE 's/^[[:space:]]*\[sinks\.([^].]+)\].*/\1/p' "${files[@]}" 2>/dev/null | sort -u
}

_fapilog_ship() {
    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} word command='' i
    # What stands behind -- is another command's.
    for ((i = 1; i < COMP_CWORD; ++i)); do
        [[ ${COMP_WORDS[i]} == -- ]] || continue
        if declare -F _command_offset >/dev/null; then
            _command_offset $((i + 1))
        elif ((i + 1 == COMP_CWORD)); then
            mapfile -t COMPREPLY < <({ compgen -c -- "$current"; compgen -f -- "$current"; } | sort -u)
            compopt -o filenames 2>/dev/null
        else
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            compopt -o filenames 2>/dev/null
        fi
        return
    done
    # bash takes --flag=value for three words.
    if [[ $current == = ]]; then
        current=''
    elif [[ $before == = ]]; then
        before=${COMP_WORDS[COMP_CWORD-2]}
    fi
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case $word in
            check | init | replay | top | tap | health | verify | completions | help | version) command=${command:-$word} ;;
        esac
    done
    COMPREPLY=()
    case $command:$before in
        top:--url)
            return
            ;;
        tap:--url)
            return
            ;;
        tap:--where)
            return
            ;;
        tap:--stage)
            mapfile -t COMPREPLY < <(compgen -W 'in out' -- "$current")
            return
            ;;
        tap:--sink)
            mapfile -t COMPREPLY < <(compgen -W "$(_fapilog_ship_sinks)" -- "$current")
            return
            ;;
        tap:-n|tap:--count)
            return
            ;;
        health:--url)
            return
            ;;
        verify:--seal-key-file)
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            compopt -o filenames 2>/dev/null
            return
            ;;
        verify:--expect-head)
            return
            ;;
        verify:--anchor)
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            compopt -o filenames 2>/dev/null
            return
            ;;
    esac
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
        --checkpoint)
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            compopt -o filenames 2>/dev/null
            return
            ;;
        --start)
            mapfile -t COMPREPLY < <(compgen -W 'checkpoint end beginning' -- "$current")
            return
            ;;
        --fifo)
            mapfile -t COMPREPLY < <(compgen -W 'end keep make' -- "$current")
            return
            ;;
        --max-connections)
            return
            ;;
        --idle-timeout)
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
            word=${current##*,}
            mapfile -t COMPREPLY < <(compgen -P "${current%"$word"}" -W 'TRACE DEBUG INFO WARNING ERROR CRITICAL FATAL AUDIT SECURITY' -- "$word")
            compopt -o nospace 2>/dev/null
            return
            ;;
        -s|--sink)
            mapfile -t COMPREPLY < <(compgen -W 'stdout: file:// http:// https:// loki+http:// loki+https:// elasticsearch+http:// elasticsearch+https:// cloudwatch:// otlp+http:// otlp+https:// kafka:// splunk+http:// splunk+https:// datadog:// gcp:// s3:// syslog+tcp:// syslog+tls:// syslog+udp:// syslog+unix:// gelf+tcp:// gelf+tls:// gelf+http:// gelf+https:// tcp:// tls:// unix:// postgres:// postgresql:// null:' -- "$current")
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
            mapfile -t COMPREPLY < <(compgen -W 'TRACE DEBUG INFO WARNING ERROR CRITICAL' -- "$current")
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
            word=${current##*,}
            mapfile -t COMPREPLY < <(compgen -P "${current%"$word"}" -W 'TRACE DEBUG INFO WARNING ERROR CRITICAL FATAL AUDIT SECURITY' -- "$word")
            compopt -o nospace 2>/dev/null
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
            word=${current##*,}
            mapfile -t COMPREPLY < <(compgen -P "${current%"$word"}" -W 'credentials pii pci hipaa gdpr gdpr_uk ccpa contact financial field_blocker contact_info personal_identifiers online_identifiers financial_identifiers us_government_ids uk_government_ids eu_government_ids gdpr_pii gdpr_pii_uk ccpa_pii hipaa_phi pci_dss jwt aws_key github_token gitlab_token slack_token slack_webhook stripe_key google_key azure_key npm_token pypi_token sendgrid_key openai_key anthropic_key huggingface_token vault_token terraform_token digitalocean_token shopify_token onepassword_key adobe_key age_key alibaba_key artifactory_key atlassian_token cloudflare_key databricks_token discord_token docker_token doppler_token dropbox_token duffel_token dynatrace_token easypost_key facebook_token figma_token flutterwave_key fly_token frameio_token grafana_token groq_key heroku_key linear_key mailchimp_key mailgun_key newrelic_key notion_token nuget_key nvidia_key openshift_token perplexity_key planetscale_token postman_key prefect_key pulumi_token readme_key replicate_token rubygems_key sendinblue_key sentry_token shippo_token sonar_token square_token supabase_token telegram_token twilio_key typeform_token xai_key yandex_key private_key url_userinfo bearer assignment authorization cookie email phone card iban ip ssn nino nhs_number' -- "$word")
            compopt -o nospace 2>/dev/null
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
        --server-tap)
            mapfile -t COMPREPLY < <(compgen -W 'on off raw' -- "$current")
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
    esac
    if [[ $current == -* ]]; then
        word='-c --config --preset --print-config --progress -q --quiet -v --verbose -V --version -h --help -i --input --follow --no-follow --checkpoint --start --fifo --max-connections --idle-timeout --format --on-invalid --max-line-bytes --multiline --no-multiline --multiline-start --multiline-timeout --level-field --time-field --message-field --unwrap --level-from-text --no-level-from-text --time-zone --grace --forward-hup --no-forward-hup --signal-child-only --no-signal-child-only --rewrite-signal --expect-exit --pdeathsig --subreaper --no-subreaper --queue-size --queue-bytes --drop-on-full --no-drop-on-full --wait --drop --protected-levels -s --sink --pretty -o --output --color --time --workers --max-in-flight --order --batch-size --batch-bytes --batch-timeout --request-timeout --retry-base --retry-max --retry-max-elapsed --breaker-failures --breaker-interval --drain-timeout --fail-on-loss --no-fail-on-loss --keep --spool --spool-bytes --spool-mode --spool-wait --dead-letter --min-level --where --dedup --dedup-keys --dedup-max-keys --sample --sample-trace-field --rate-limit --rate-limit-capacity --rate-limit-key --rate-limit-max-keys --adaptive --adaptive-min --adaptive-max --adaptive-window --adaptive-trace-field --always-pass-levels --enrich-runtime --no-enrich-runtime --enrich-kubernetes --no-enrich-kubernetes --enrich-container --no-enrich-container --enrich-cloud --enrich-labels --enrich-overwrite --no-enrich-overwrite --enrich --enrich-env --redact --redact-field --redact-action --redact-mask --redact-hash-key --redact-hash-key-file --redact-on-error --redact-pattern --redact-action-for --keep-field --remove --timestamp --envelope --rename --level-name --max-record-bytes --max-record-action --label --listen --server-token --server-token-file --server-tap --stats-format --stats-interval --stats-at-exit --no-stats-at-exit --stats-signal --log-format --log-level'
        case $command in
            check) word+=' --connect --explain' ;;
            top) word+=' --url' ;;
            tap) word+=' --url --where --stage --sink -n --count' ;;
            health) word+=' --url' ;;
            verify) word+=' --seal-key-file --expect-head --anchor' ;;
        esac
        mapfile -t COMPREPLY < <(compgen -W "$word" -- "$current")
        return
    fi
    case $command in
        '')
            mapfile -t COMPREPLY < <(compgen -W 'check init replay top tap health verify completions help version' -- "$current"; compgen -f -- "$current")
            compopt -o filenames 2>/dev/null
            ;;
        completions) mapfile -t COMPREPLY < <(compgen -W 'bash zsh fish' -- "$current") ;;
        help) mapfile -t COMPREPLY < <(compgen -W 'check init replay top tap health verify completions help version' -- "$current") ;;
        check | init | replay | verify)
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            compopt -o filenames 2>/dev/null
            ;;
    esac
}

complete -F _fapilog_ship fapilog-ship
