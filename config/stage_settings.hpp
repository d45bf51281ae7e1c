#pragma once

#include <array>

#include "config/settings_table.hpp"

namespace ship {

/// The rows of the stages, in the order in which records go through them: what is chosen, added,
/// taken out and reshaped. Part of the settings table.
// clang-format off
inline constexpr std::array kStageSettings = [] {
  constexpr std::string_view kFilters = "Filters";
  constexpr std::string_view kEnrich = "Enrichment";
  constexpr std::string_view kRedact = "Redaction";
  constexpr std::string_view kShape = "Shape";
  constexpr std::uint64_t kMany = 1'000'000'000;
  constexpr std::uint64_t kKeys = 10'000'000;
  constexpr std::uint64_t kHour = 3'600'000;
  return std::array{
    Setting{.key = "filter.min_level", .flag = "min-level", .metavar = "LEVEL",
            .type = SettingType::level, .scope = Scope::shared, .example = "WARNING",
            .group = kFilters, .help = "leave out records below this level", .reloadable = true},
    Setting{.key = "filter.where", .flag = "where", .metavar = "EXPR", .type = SettingType::text,
            .scope = Scope::shared, .example = "status >= 500 and not path starts_with '/health'",
            .group = kFilters,
            .help = "keep only records for which this holds: fields, == != < <= > >=, in (…), contains, "
                    "starts_with, ends_with, matches (RE2), exists, and, or, not", .reloadable = true},
    Setting{.key = "filter.dedup.window", .flag = "dedup", .metavar = "DURATION",
            .type = SettingType::duration, .scope = Scope::shared, .default_text = "0ms",
            .max = 24 * kHour, .group = kFilters,
            .help = "of equal records within this time keep the first, and one that tells how often "
                    "it was repeated; 0 is off", .reloadable = true},
    Setting{.key = "filter.dedup.key_fields", .flag = "dedup-keys", .metavar = "LIST",
            .type = SettingType::list, .scope = Scope::shared,
            .default_text = "level,logger,message,msg,event", .group = kFilters,
            .help = "the fields that make records equal", .reloadable = true},
    Setting{.key = "filter.dedup.max_keys", .flag = "dedup-max-keys", .metavar = "N",
            .type = SettingType::integer, .scope = Scope::shared, .default_text = "10000", .min = 1,
            .max = kKeys, .group = kFilters, .help = "how many different records are remembered", .reloadable = true},
    Setting{.key = "filter.sample.rate", .flag = "sample", .metavar = "RATE",
            .type = SettingType::decimal, .scope = Scope::shared, .default_text = "1", .max = 1,
            .group = kFilters,
            .help = "keep this share of the records, 0 to 1; a trace is kept or left out as a whole", .reloadable = true},
    Setting{.key = "filter.sample.trace_id_field", .flag = "sample-trace-field",
            .metavar = "FIELD", .type = SettingType::text, .scope = Scope::shared,
            .example = "request_id", .group = kFilters,
            .help = "what names the trace, instead of trace_id, traceId, trace.id and dd.trace_id", .reloadable = true},
    Setting{.key = "filter.rate_limit.refill_rate_per_sec", .flag = "rate-limit",
            .metavar = "N", .type = SettingType::decimal, .scope = Scope::shared,
            .default_text = "0", .max = kMany, .group = kFilters,
            .help = "let so many records a second through, for each key; 0 is off", .reloadable = true},
    Setting{.key = "filter.rate_limit.capacity", .flag = "rate-limit-capacity", .metavar = "N",
            .type = SettingType::decimal, .scope = Scope::shared, .default_text = "0",
            .max = kMany, .group = kFilters,
            .help = "records that may come at once; 0 is those of one second", .reloadable = true},
    Setting{.key = "filter.rate_limit.key_field", .flag = "rate-limit-key", .metavar = "FIELD",
            .type = SettingType::text, .scope = Scope::shared, .example = "logger",
            .group = kFilters, .help = "limit each value of this field by itself", .reloadable = true},
    Setting{.key = "filter.rate_limit.max_keys", .flag = "rate-limit-max-keys", .metavar = "N",
            .type = SettingType::integer, .scope = Scope::shared, .default_text = "10000", .min = 1,
            .max = kKeys, .group = kFilters, .help = "how many values are remembered", .reloadable = true},
    Setting{.key = "filter.adaptive.target_eps", .flag = "adaptive", .metavar = "N",
            .type = SettingType::decimal, .scope = Scope::shared, .default_text = "0",
            .max = kMany, .group = kFilters,
            .help = "sample so that about so many records a second remain; 0 is off", .reloadable = true},
    Setting{.key = "filter.adaptive.min_sample_rate", .flag = "adaptive-min", .metavar = "RATE",
            .type = SettingType::decimal, .scope = Scope::shared, .default_text = "0.01", .max = 1,
            .group = kFilters, .help = "the least share that it keeps", .reloadable = true},
    Setting{.key = "filter.adaptive.max_sample_rate", .flag = "adaptive-max", .metavar = "RATE",
            .type = SettingType::decimal, .scope = Scope::shared, .default_text = "1", .max = 1,
            .group = kFilters, .help = "the largest share that it keeps", .reloadable = true},
    Setting{.key = "filter.adaptive.window", .flag = "adaptive-window", .metavar = "DURATION",
            .type = SettingType::duration, .scope = Scope::shared, .default_text = "10s",
            .min = 100, .max = 24 * kHour, .group = kFilters,
            .help = "how long a burst is remembered", .reloadable = true},
    Setting{.key = "filter.adaptive.trace_id_field", .flag = "adaptive-trace-field",
            .metavar = "FIELD", .type = SettingType::text, .scope = Scope::shared,
            .example = "request_id", .group = kFilters, .help = "as --sample-trace-field", .reloadable = true},
    Setting{.key = "filter.always_pass_levels", .flag = "always-pass-levels", .metavar = "LIST",
            .type = SettingType::list, .scope = Scope::shared,
            .default_text = "ERROR,CRITICAL,FATAL,AUDIT,SECURITY", .group = kFilters,
            .help = "levels that sampling and rate limits never leave out", .reloadable = true},

    Setting{.key = "enrich.runtime", .flag = "enrich-runtime", .type = SettingType::boolean,
            .default_text = "false", .group = kEnrich,
            .help = "add host, pid, and service, env, version from FAPILOG_SERVICE, FAPILOG_ENV, "
                    "FAPILOG_VERSION", .negatable = true},
    Setting{.key = "enrich.kubernetes", .flag = "enrich-kubernetes", .type = SettingType::boolean,
            .default_text = "false", .group = kEnrich,
            .help = "add k8s_pod, k8s_namespace, k8s_node, k8s_container, k8s_cluster and "
                    "k8s_deployment from POD_NAME, POD_NAMESPACE, NODE_NAME, CONTAINER_NAME, "
                    "CLUSTER_NAME", .negatable = true},
    Setting{.key = "enrich.container", .flag = "enrich-container", .type = SettingType::boolean,
            .default_text = "false", .group = kEnrich, .help = "add container_id",
            .negatable = true},
    Setting{.key = "enrich.cloud", .flag = "enrich-cloud", .metavar = "PROVIDER",
            .type = SettingType::choice, .choices = "none|auto|aws|gcp|azure",
            .default_text = "none", .group = kEnrich,
            .help = "ask the cloud's metadata service once and add cloud_provider, cloud_region, "
                    "cloud_zone, cloud_account, cloud_instance_id and cloud_instance_type"},
    Setting{.key = "enrich.label_file", .flag = "enrich-labels", .metavar = "FILE",
            .type = SettingType::path, .example = "/etc/podinfo/labels", .group = kEnrich,
            .help = "add the key=\"value\" lines of this file as labels"},
    Setting{.key = "enrich.overwrite", .flag = "enrich-overwrite", .type = SettingType::boolean,
            .default_text = "false", .group = kEnrich,
            .help = "also replace fields that a record has", .negatable = true},
    Setting{.key = "enrich.fields", .flag = "enrich", .metavar = "FIELD=TEXT",
            .type = SettingType::map, .example = "team=shop", .group = kEnrich,
            .help = "add a field to every record that lacks it; may be repeated",
            .repeatable = true},
    Setting{.key = "enrich.environment", .flag = "enrich-env", .metavar = "FIELD=VARIABLE",
            .type = SettingType::map, .example = "region=AWS_REGION", .group = kEnrich,
            .help = "add a field with the text of an environment variable; may be repeated",
            .repeatable = true},

    Setting{.key = "redact.presets", .flag = "redact", .metavar = "LIST",
            .type = SettingType::list, .example = "credentials,pii", .group = kRedact,
            .help = "take secrets out, by the names of fields and wherever they stand in a text: "
                    "credentials, pii, pci, hipaa, gdpr, contact, financial, or single patterns such "
                    "as jwt or email; may be repeated", .repeatable = true},
    Setting{.key = "redact.fields", .flag = "redact-field", .metavar = "LIST",
            .type = SettingType::list, .example = "*_token,data.user.email", .group = kRedact,
            .help = "redact these fields: a name at any depth, a path with dots, * and **; may be "
                    "repeated", .repeatable = true},
    Setting{.key = "redact.action", .flag = "redact-action", .metavar = "ACTION",
            .type = SettingType::choice, .choices = "mask|partial|hash|remove",
            .default_text = "mask", .group = kRedact, .help = "what becomes of a secret"},
    Setting{.key = "redact.mask", .flag = "redact-mask", .metavar = "TEXT",
            .type = SettingType::text, .default_text = "***", .group = kRedact,
            .help = "what stands in its place"},
    Setting{.key = "redact.hash_key", .flag = "redact-hash-key", .metavar = "KEY",
            .type = SettingType::secret, .example = "${REDACT_HASH_KEY}", .group = kRedact,
            .help = "the key of the action hash: the same secret is the same text everywhere"},
    Setting{.key = "redact.hash_key_file", .flag = "redact-hash-key-file", .metavar = "FILE",
            .type = SettingType::path, .example = "/run/secrets/redact", .group = kRedact,
            .help = "a file that holds that key"},
    Setting{.key = "redact.on_error", .flag = "redact-on-error", .metavar = "WHAT",
            .type = SettingType::choice, .choices = "drop|pass", .default_text = "drop",
            .group = kRedact, .help = "what becomes of a record that could not be redacted"},
    Setting{.key = "redact.patterns", .flag = "redact-pattern", .metavar = "NAME=REGEX",
            .type = SettingType::map, .example = "order=ORD-[0-9]{6}", .group = kRedact,
            .help = "a pattern of your own (without look-around or back references); may be "
                    "repeated", .repeatable = true},
    Setting{.key = "redact.actions", .flag = "redact-action-for", .metavar = "NAME=ACTION",
            .type = SettingType::map, .example = "email=hash", .group = kRedact,
            .help = "another action for one pattern or field; may be repeated",
            .repeatable = true},

    Setting{.key = "shape.keep", .flag = "keep", .metavar = "LIST", .type = SettingType::list,
            .example = "level,timestamp,message,trace_id", .group = kShape,
            .help = "leave only these fields; may be repeated", .repeatable = true},
    Setting{.key = "shape.remove", .flag = "remove", .metavar = "LIST", .type = SettingType::list,
            .example = "diagnostics.python", .group = kShape,
            .help = "take these fields out; may be repeated", .repeatable = true},
    Setting{.key = "shape.timestamp", .flag = "timestamp", .metavar = "FORM",
            .type = SettingType::choice,
            .choices = "keep|rfc3339|epoch_s|epoch_ms|epoch_us|epoch_ns", .default_text = "keep",
            .group = kShape, .help = "write the record's time in this form"},
    Setting{.key = "shape.envelope", .flag = "envelope", .metavar = "HOW",
            .type = SettingType::choice, .choices = "keep|unwrap|flatten", .default_text = "keep",
            .group = kShape,
            .help = "take fapilog's {\"log\":…} off, or also make context.user_id of nested objects"},
    Setting{.key = "shape.rename", .flag = "rename", .metavar = "FIELD=NAME",
            .type = SettingType::map, .example = "msg=message", .group = kShape,
            .help = "give a field another name, in its place; may be repeated",
            .repeatable = true},
    Setting{.key = "shape.levels", .flag = "level-name", .metavar = "LEVEL=NAME",
            .type = SettingType::map, .example = "WARNING=warn", .group = kShape,
            .help = "write a level with another name; may be repeated", .repeatable = true},
    Setting{.key = "size_guard.max_bytes", .flag = "max-record-bytes", .metavar = "SIZE",
            .type = SettingType::size, .default_text = "0", .max = 64 << 20, .group = kShape,
            .help = "shorten the longest texts of records over this size; 0 is off"},
    Setting{.key = "size_guard.action", .flag = "max-record-action", .metavar = "ACTION",
            .type = SettingType::choice, .choices = "truncate|drop", .default_text = "truncate",
            .group = kShape, .help = "shorten them, or drop the record"},
  };
}();
// clang-format on

}  // namespace ship
