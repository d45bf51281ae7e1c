#include "sinks/postgres/postgres_connection.hpp"

#include <algorithm>
#include <cctype>
#include <libpq-fe.h>
#include <memory>
#include <poll.h>
#include <utility>

#include "net/answer_text.hpp"

namespace ship {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kMaxMessageBytes = 400;

struct ResultDeleter {
  void operator()(PGresult* result) const { ::PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, ResultDeleter>;

struct OptionsDeleter {
  void operator()(PQconninfoOption* options) const { ::PQconninfoFree(options); }
};
using OptionsPtr = std::unique_ptr<PQconninfoOption, OptionsDeleter>;

std::string text_of(const char* text) { return text == nullptr ? "" : text; }

/// What the environment or a service file says for a parameter of libpq; empty: nothing.
std::string default_parameter(std::string_view name) {
  const OptionsPtr options(::PQconndefaults());
  for (const PQconninfoOption* option = options.get(); option && option->keyword; ++option) {
    if (option->keyword == name) return text_of(option->val);
  }
  return {};
}

/// Takes the SQLSTATE out of a message of a failed connection, which has no field for it:
/// "FATAL:  28P01: password …\nLOCATION:  …" in libpq's verbose form.
PostgresFailure read_verbose(std::string text) {
  PostgresFailure failure;
  if (const std::size_t location = text.find("\nLOCATION:"); location != text.npos) {
    text.resize(location);
  }
  const auto is_state = [&](std::size_t at) {
    if (at + 7 > text.size() || text[at + 5] != ':' || text[at + 6] != ' ') return false;
    return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(at),
                       text.begin() + static_cast<std::ptrdiff_t>(at + 5),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); });
  };
  for (std::size_t at = text.find(":  "); at != text.npos; at = text.find(":  ", at + 1)) {
    if (!is_state(at + 3)) continue;
    failure.state = text.substr(at + 3, 5);
    text.erase(at + 2, 8);
    break;
  }
  if (failure.state.empty()) {
    if (text.find("session is read-only") != text.npos ||
        text.find("server is in hot standby mode") != text.npos) {
      failure.state = "25006";
    } else if (text.find("no password supplied") != text.npos) {
      failure.state = "28P01";
    }
  }
  failure.message = std::move(text);
  return failure;
}

/// A failure that tells more than another: one with a code, and of these one that the operator has
/// to see to.
bool tells_more(const PostgresFailure& failure, const PostgresFailure& other) {
  const auto weight = [](const PostgresFailure& one) {
    if (one.state.empty()) return 0;
    return postgres_meaning(one.state).kind == Verdict::Kind::hold && one.state != "25006" ? 2 : 1;
  };
  return weight(failure) > weight(other);
}

}  // namespace

PostgresConnection::PostgresConnection(PostgresSinkSettings settings)
    : settings_(std::move(settings)) {}

PostgresConnection::~PostgresConnection() { close(); }

void PostgresConnection::close() {
  if (connection_ != nullptr) ::PQfinish(std::exchange(connection_, nullptr));
}

std::string PostgresConnection::cleaned(std::string_view text) const {
  std::string line = one_line(text, kMaxMessageBytes);
  if (password_.empty()) return line;
  for (std::size_t at = line.find(password_); at != line.npos; at = line.find(password_, at + 3)) {
    line.replace(at, password_.size(), "***");
  }
  return line;
}

std::vector<PostgresHost> PostgresConnection::hosts() const {
  const bool left_to_libpq = std::any_of(
      settings_.parameters.begin(), settings_.parameters.end(),
      [](const auto& entry) { return entry.first == "service" || entry.first == "hostaddr"; });
  std::string list = settings_.host.empty() ? settings_.hosts : settings_.host;
  if (left_to_libpq) return {{list, ""}};
  std::string port;
  if (list.empty()) {
    // As libpq would: an address from the environment needs no name.
    if (!default_parameter("hostaddr").empty()) return {{"", ""}};
    list = default_parameter("host");
  }
  std::vector<PostgresHost> result = split_postgres_hosts(list);
  if (result.empty()) result.push_back({"", ""});
  return result;
}

std::optional<PostgresFailure> PostgresConnection::open(const Patience& patience) {
  close();
  const Result<std::string> password = settings_.password.reveal();
  if (!settings_.password.empty() && !password) {
    return PostgresFailure{"28P01", password.error().message, ""};
  }
  password_ = settings_.password.empty() ? "" : password.value();
  const std::vector<PostgresHost> all = hosts();
  std::optional<PostgresFailure> worst;
  for (std::size_t i = 0; i < all.size(); ++i) {
    // One that hangs leaves time for those behind it.
    const auto left = patience.until - steady_clock::now();
    const auto share = left / static_cast<int>(all.size() - i);
    auto failure = open_host(all[i], all.size() > 1, {steady_clock::now() + share, patience.stop});
    if (!failure) return std::nullopt;
    if (!worst || !tells_more(*worst, *failure)) worst = std::move(failure);
    if (patience.stop.stop_requested()) break;
  }
  return worst;
}

std::optional<PostgresFailure> PostgresConnection::open_host(const PostgresHost& host,
                                                             bool one_of_several,
                                                             const Patience& patience) {
  if (host.name.empty() || host.is_literal()) {
    return open_address(host, "", one_of_several, patience);
  }
  auto addresses = resolver_.resolve(host.name, patience.until, patience.stop);
  if (!addresses) return PostgresFailure{"", addresses.error().message, ""};
  std::optional<PostgresFailure> worst;
  const std::vector<std::string>& all = addresses.value();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto left = patience.until - steady_clock::now();
    const auto share = left / static_cast<int>(all.size() - i);
    auto failure =
        open_address(host, all[i], one_of_several, {steady_clock::now() + share, patience.stop});
    if (!failure) return std::nullopt;
    // Who we are is the same at each address of one server.
    const bool final = postgres_meaning(failure->state).kind == Verdict::Kind::hold;
    if (!worst || !tells_more(*worst, *failure)) worst = std::move(failure);
    if (final || patience.stop.stop_requested()) break;
  }
  return worst;
}

std::optional<PostgresFailure> PostgresConnection::open_address(const PostgresHost& host,
                                                                const std::string& address,
                                                                bool one_of_several,
                                                                const Patience& patience) {
  std::vector<std::pair<std::string, std::string>> given = {
      {"client_encoding", "UTF8"},
      {"fallback_application_name", "fapilog-ship"},
      {"keepalives_idle", "60"},
      {"target_session_attrs", one_of_several ? "read-write" : ""},
  };
  const auto put = [&given](std::string_view name, const std::string& value) {
    if (!value.empty()) given.emplace_back(name, value);
  };
  put("host", host.name);
  put("hostaddr", address);
  put("port", host.port);
  put("dbname", settings_.database);
  put("user", settings_.username);
  put("password", password_);
  put("sslmode", settings_.sslmode);
  put("sslrootcert", settings_.sslrootcert);
  put("sslcert", settings_.sslcert);
  put("sslkey", settings_.sslkey);
  put("passfile", settings_.passfile);
  put("target_session_attrs", settings_.target_session_attrs);
  for (const auto& [name, value] : settings_.parameters) put(name, value);
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  for (const auto& [name, value] : given) {
    // The last of a name counts, and an empty one is none.
    if (value.empty()) continue;
    keywords.push_back(name.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);

  connection_ = ::PQconnectStartParams(keywords.data(), values.data(), 0);
  if (connection_ == nullptr) return PostgresFailure{"", "libpq is out of memory", ""};
  ::PQsetNoticeProcessor(
      connection_, [](void*, const char*) {}, nullptr);
  // Else nothing tells the SQLSTATE of a refusal.
  ::PQsetErrorVerbosity(connection_, PQERRORS_VERBOSE);
  PostgresPollingStatusType next =
      ::PQstatus(connection_) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (next == PGRES_POLLING_READING || next == PGRES_POLLING_WRITING) {
    const short events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    const Woken woken =
        wait_until_ready(::PQsocket(connection_), events, patience.until, patience.stop);
    if (woken != Woken::ready) return interrupted(woken, "connecting to " + host.name);
    next = ::PQconnectPoll(connection_);
  }
  if (next != PGRES_POLLING_OK) {
    PostgresFailure failure = read_verbose(text_of(::PQerrorMessage(connection_)));
    // As the other sinks say where they could not go.
    constexpr std::string_view kFailed = " failed: ";
    const std::size_t cause = failure.message.find(kFailed);
    if (failure.message.starts_with("connection to server at") && cause != std::string::npos) {
      failure.message.replace(
          0, cause + kFailed.size(),
          text_of(::PQhost(connection_)) + ":" + text_of(::PQport(connection_)) + ": ");
    }
    failure.message = cleaned(failure.message);
    close();
    return failure;
  }
  ::PQsetErrorVerbosity(connection_, PQERRORS_DEFAULT);
  ::PQsetnonblocking(connection_, 1);
  return std::nullopt;
}

bool PostgresConnection::lost_meanwhile() {
  // A word of farewell, then the end of the stream.
  for (int i = 0; i < 8 && connection_ != nullptr; ++i) {
    pollfd polled{::PQsocket(connection_), POLLIN, 0};
    if (::poll(&polled, 1, 0) <= 0) return false;
    const bool alive = ::PQconsumeInput(connection_) == 1;
    ::PQisBusy(connection_);
    if (!alive || ::PQstatus(connection_) == CONNECTION_BAD) {
      close();
      return true;
    }
  }
  return false;
}

PostgresFailure PostgresConnection::interrupted(Woken how, std::string_view doing) {
  close();
  return {"",
          how == Woken::stopped ? "stopped while " + std::string(doing)
                                : "no answer within the time for " + std::string(doing),
          ""};
}

PostgresFailure PostgresConnection::broken() {
  PostgresFailure failure = {"", cleaned(text_of(::PQerrorMessage(connection_))), ""};
  if (failure.message.empty()) failure.message = "the connection broke";
  close();
  return failure;
}

PostgresFailure PostgresConnection::failure_of(const PGresult* result) const {
  PostgresFailure failure;
  failure.state = text_of(::PQresultErrorField(result, PG_DIAG_SQLSTATE));
  failure.column = text_of(::PQresultErrorField(result, PG_DIAG_COLUMN_NAME));
  std::string message = text_of(::PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
  if (message.empty()) message = text_of(::PQresultErrorMessage(result));
  failure.message = cleaned(message);
  return failure;
}

std::optional<PostgresFailure> PostgresConnection::flush(const Patience& patience) {
  while (true) {
    const int pending = ::PQflush(connection_);
    if (pending == 0) return std::nullopt;
    if (pending < 0) {
      // What the server said before it hung up tells more, and next_result has it.
      if (::PQconsumeInput(connection_) == 1) return std::nullopt;
      return broken();
    }
    const Woken woken =
        wait_until_ready(::PQsocket(connection_), POLLIN | POLLOUT, patience.until, patience.stop);
    if (woken != Woken::ready) return interrupted(woken, "sending");
    // Else a server that complains and a client that sends wait for each other.
    if (::PQconsumeInput(connection_) == 0) return std::nullopt;
  }
}

std::optional<PostgresFailure> PostgresConnection::next_result(const Patience& patience,
                                                               PGresult*& result) {
  while (::PQisBusy(connection_) == 1) {
    const Woken woken =
        wait_until_ready(::PQsocket(connection_), POLLIN, patience.until, patience.stop);
    if (woken != Woken::ready) return interrupted(woken, "an answer");
    // What cannot be read any more is in the next result.
    if (::PQconsumeInput(connection_) == 0 && ::PQisBusy(connection_) == 1) return broken();
  }
  result = ::PQgetResult(connection_);
  return std::nullopt;
}

std::optional<PostgresFailure> PostgresConnection::query(const std::string& sql,
                                                         const Patience& patience,
                                                         std::vector<Row>* rows) {
  if (::PQsendQuery(connection_, sql.c_str()) == 0) return broken();
  if (auto failure = flush(patience)) return failure;
  std::optional<PostgresFailure> first;
  while (true) {
    PGresult* got = nullptr;
    if (auto failure = next_result(patience, got)) return first ? first : failure;
    const ResultPtr result(got);
    if (!result) break;
    const ExecStatusType status = ::PQresultStatus(result.get());
    if (status == PGRES_TUPLES_OK && rows != nullptr) {
      rows->clear();
      for (int i = 0; i < ::PQntuples(result.get()); ++i) {
        Row& row = rows->emplace_back();
        for (int k = 0; k < ::PQnfields(result.get()); ++k) {
          row.push_back(::PQgetisnull(result.get(), i, k) == 1
                            ? std::nullopt
                            : std::optional<std::string>(::PQgetvalue(result.get(), i, k)));
        }
      }
    } else if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
      return interrupted(Woken::ready, "a COPY that was not asked for");
    } else if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && !first) {
      first = failure_of(result.get());
    }
  }
  if (::PQstatus(connection_) == CONNECTION_BAD || (first && first->state.empty())) close();
  return first;
}

std::optional<PostgresFailure> PostgresConnection::copy(
    const std::string& sql, const std::function<bool(std::string& out)>& next,
    const Patience& patience, std::uint64_t& bytes) {
  if (::PQsendQuery(connection_, sql.c_str()) == 0) return broken();
  if (auto failure = flush(patience)) return failure;
  std::optional<PostgresFailure> first;
  std::string buffer;
  bool copied = false;
  while (true) {
    PGresult* got = nullptr;
    if (auto failure = next_result(patience, got)) return first ? first : failure;
    const ResultPtr result(got);
    if (!result) break;
    const ExecStatusType status = ::PQresultStatus(result.get());
    if (status == PGRES_COPY_IN && !copied) {
      copied = true;
      for (bool more = true; more;) {
        buffer.clear();
        more = next(buffer);
        bytes += buffer.size();
        if (!buffer.empty() &&
            ::PQputCopyData(connection_, buffer.data(), static_cast<int>(buffer.size())) != 1) {
          return broken();
        }
        if (auto failure = flush(patience)) return failure;
      }
      if (::PQputCopyEnd(connection_, nullptr) != 1) return broken();
      if (auto failure = flush(patience)) return failure;
    } else if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
      return interrupted(Woken::ready, "a COPY that was not asked for");
    } else if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && !first) {
      first = failure_of(result.get());
    }
  }
  if (::PQstatus(connection_) == CONNECTION_BAD || (first && first->state.empty())) close();
  // A server that ends without a word has stored nothing that we know of.
  if (!first && !copied) first = PostgresFailure{"", "the server asked for no data", ""};
  return first;
}

std::string PostgresConnection::server_version() const {
  return text_of(::PQparameterStatus(connection_, "server_version"));
}

std::string PostgresConnection::user() const { return text_of(::PQuser(connection_)); }

std::string PostgresConnection::tls_version() const {
  return ::PQsslInUse(connection_) == 1 ? text_of(::PQsslAttribute(connection_, "protocol")) : "";
}

std::vector<std::string> PostgresConnection::parameter_names() {
  std::vector<std::string> names;
  const OptionsPtr options(::PQconndefaults());
  for (const PQconninfoOption* option = options.get(); option && option->keyword; ++option) {
    names.emplace_back(option->keyword);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace ship
