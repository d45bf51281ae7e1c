#include "sinks/postgres/postgres_settings.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "net/connection_rows.hpp"
#include "rows/member.hpp"
#include "rows/nearest.hpp"
#include "sinks/postgres/postgres_sink.hpp"
#include "sinks/sink_environment.hpp"

namespace ship {
namespace {

/// A session: libpq's buffers, TLS, and a piece of COPY with the rows of one large record.
constexpr std::uint64_t kSessionBytes = 4u << 20;
constexpr std::size_t kMostNameBytes = 63;

// clang-format off
constexpr auto kRows = section({.scope = Scope::sink}, {
    {.key = "database", .metavar = "NAME", .sets = member<&PostgresSinkSettings::database>(),
     .example = "app", .help = "the database, the URL's path; none: PGDATABASE, or the user's"},
    {.key = "table", .metavar = "NAME", .sets = member<&PostgresSinkSettings::table>(),
     .default_text = "logs", .help = "the table, or SCHEMA.TABLE, in upper and lower case as it is"},
    {.key = "create_table", .sets = member<&PostgresSinkSettings::create_table>(),
     .default_text = "true", .help = "make the table where it is missing"},
    {.key = "columns", .metavar = "COLUMN=PATH", .sets = member<&PostgresSinkSettings::columns>(),
     .example = "service=diagnostics.service",
     .help = "more columns, and the fields of the record that go into them"},
    {.key = "id_column", .metavar = "NAME", .sets = member<&PostgresSinkSettings::id_column>(),
     .default_text = "id",
     .help = "the column of text for the record's identity, by which it is stored once; empty: "
             "none"},
    {.key = "conflict_key", .metavar = "LIST",
     .sets = member<&PostgresSinkSettings::conflict_key>(), .example = "id,timestamp",
     .help = "the columns of the unique index that tells records apart; unset: the one over the "
             "id, or over the id and the timestamp, as partitioned tables have it"},
    {.key = "host", .metavar = "NAME", .sets = member<&PostgresSinkSettings::host>(),
     .example = "/run/postgresql",
     .help = "in the place of the URL's host: the directory of a socket"},
    {.key = "sslmode",
     .sets = one_of<&PostgresSinkSettings::sslmode>({"disable", "allow", "prefer", "require",
                                                     "verify-ca", "verify-full"}),
     .example = "verify-full",
     .help = "whether the connection is over TLS, and what is checked; unset: PGSSLMODE, or "
             "prefer"},
    {.key = "sslrootcert", .metavar = "FILE",
     .sets = member<&PostgresSinkSettings::sslrootcert>(SettingType::path),
     .example = "/etc/ssl/ca.pem", .help = "certificates to trust, for sslmode verify-ca and "
     "verify-full"},
    {.key = "sslcert", .metavar = "FILE",
     .sets = member<&PostgresSinkSettings::sslcert>(SettingType::path),
     .example = "/etc/ssl/client.pem", .help = "a client certificate, PEM"},
    {.key = "sslkey", .metavar = "FILE",
     .sets = member<&PostgresSinkSettings::sslkey>(SettingType::path),
     .example = "/etc/ssl/client.key", .help = "its private key, PEM"},
    {.key = "passfile", .metavar = "FILE",
     .sets = member<&PostgresSinkSettings::passfile>(SettingType::path),
     .example = "/etc/fapilog-ship/pgpass",
     .help = "a file of passwords in libpq's own form; unset: PGPASSFILE, or ~/.pgpass"},
    {.key = "target_session_attrs",
     .sets = one_of<&PostgresSinkSettings::target_session_attrs>({"any", "read-write", "primary"}),
     .example = "primary",
     .help = "which of several servers will do; unset: read-write with several hosts, else any"},
    {.key = "parameters", .metavar = "K=V", .sets = member<&PostgresSinkSettings::parameters>(),
     .example = "application_name=web",
     .help = "any other parameter of libpq's connections, see its documentation", .masked = true},
});
// clang-format on

/// One transaction after the other keeps the order.
constexpr std::array<SinkDefault, 2> kDefaults = {
    {{"delivery.order", "keep"}, {"delivery.batch_max_bytes", "4 MB"}}};

/// What the sink decides by itself, or what another setting is for.
constexpr std::array<std::pair<std::string_view, std::string_view>, 15> kTaken = {
    {{"host", "host of the sink, or its URL"},
     {"port", "the URL"},
     {"dbname", "database of the sink, or its URL"},
     {"user", "username of the sink, or its URL"},
     {"password", "password or password_file of the sink"},
     {"sslmode", "sslmode of the sink"},
     {"sslrootcert", "sslrootcert of the sink"},
     {"sslcert", "sslcert of the sink"},
     {"sslkey", "sslkey of the sink"},
     {"passfile", "passfile of the sink"},
     {"target_session_attrs", "target_session_attrs of the sink"},
     {"connect_timeout", "request_timeout"},
     {"client_encoding", "nothing: it is UTF8"},
     {"replication", "nothing: it is for replication"},
     {"authtype", "nothing: libpq does not use it any more"}}};

bool is_own_column(std::string_view name) {
  static const std::set<std::string_view> kNames = {"timestamp", "level", "logger",
                                                    "message",   "event", "correlation_id"};
  return kNames.contains(name);
}

/// What is wrong with the name of a column or table; empty: nothing.
std::string wrong_name(std::string_view name) {
  if (name.empty()) return "found an empty name";
  if (name.size() > kMostNameBytes) {
    return "found a name of " + std::to_string(name.size()) + " bytes, expected at most 63";
  }
  return name.find('\0') != name.npos ? "found a name with a NUL" : "";
}

}  // namespace

const SinkType& PostgresSinkSettings::type() {
  static const SinkType kType = describe_sink<PostgresSinkSettings>(
      {.name = "postgres",
       .schemes = "postgres|postgresql",
       .form = UrlForm::database,
       .path_key = "database",
       .example = "postgres://host/DATABASE",
       .help = "PostgreSQL, a row for each record",
       .defaults = kDefaults,
       .worker_bytes = kSessionBytes},
      {{kRows, part<PostgresSinkSettings>},
       {kUserRows<PostgresSinkSettings>, part<PostgresSinkSettings>},
       {kTimeoutRow, part<PostgresSinkSettings>}});
  return kType;
}

void PostgresSinkSettings::complete(const SinkContext& context) {
  hosts = context.address;
  request_timeout = context.request_timeout;
}

void PostgresSinkSettings::check(const SettingReport& report) const {
  std::string_view name = table;
  if (const std::size_t dot = name.find('.'); dot != name.npos) {
    if (const std::string wrong = wrong_name(name.substr(0, dot)); !wrong.empty()) {
      report("table", wrong + " in front of the point");
    }
    name.remove_prefix(dot + 1);
  }
  if (const std::string wrong = wrong_name(name); !wrong.empty()) report("table", wrong);
  for (const auto& [column, path] : columns) {
    const std::string key = "columns." + column;
    if (const std::string wrong = wrong_name(column); !wrong.empty()) report(key, wrong);
    if (path.empty()) report(key, "names no field of the record");
    if (is_own_column(column)) {
      report(key, "the sink fills this column itself; give the field a column of another name");
    } else if (column == id_column) {
      report(key, "this column is for the record's identity; set id_column to another");
    }
  }
  if (is_own_column(id_column)) {
    report("id_column", "this column holds something else; give the identity one of its own");
  } else if (id_column.size() > kMostNameBytes) {
    report("id_column", wrong_name(id_column));
  }
  const std::vector<std::string> known = PostgresConnection::parameter_names();
  for (const auto& [parameter, value] : parameters) {
    const std::string_view given = parameter;
    const std::string key = "parameters." + parameter;
    const auto taken = std::find_if(kTaken.begin(), kTaken.end(),
                                    [&given](const auto& one) { return one.first == given; });
    if (taken != kTaken.end()) {
      report(key, "cannot be set here; use " + std::string(taken->second));
    } else if (std::find(known.begin(), known.end(), parameter) == known.end()) {
      report(key, "libpq has no such parameter" + did_you_mean(parameter, known));
    }
  }
}

Result<std::unique_ptr<Sink>> PostgresSinkSettings::make(const Labels&,
                                                         const SinkEnvironment& environment) const {
  return std::unique_ptr<Sink>(std::make_unique<PostgresSink>(
      *this, *environment.clock, environment.message_fields, environment.log));
}

}  // namespace ship
