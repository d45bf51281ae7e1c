#include "tests/unit/sinks/postgres/strict_postgres.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace ship::testing {
namespace {

constexpr std::uint32_t kStartup = 196608;
constexpr std::uint32_t kTlsRequest = 80877103;
constexpr std::uint32_t kGssRequest = 80877104;

std::string number32(std::uint32_t value) {
  value = htonl(value);
  return {reinterpret_cast<const char*>(&value), 4};
}

std::string number16(std::size_t value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value)};
}

std::uint32_t read32(const std::string& text) {
  std::uint32_t value = 0;
  std::copy_n(text.data(), 4, reinterpret_cast<char*>(&value));
  return ntohl(value);
}

std::string message(char type, const std::string& body) {
  return type + number32(static_cast<std::uint32_t>(body.size() + 4)) + body;
}

std::string text(std::string_view value) { return std::string(value) + '\0'; }

std::string failure(std::string_view state, std::string_view what, std::string_view severity) {
  return message('E', "S" + text(severity) + "V" + text(severity) + "C" + text(state) + "M" +
                          text(what) + std::string(1, '\0'));
}

std::string done(std::string_view tag) { return message('C', text(tag)); }

std::string ready() { return message('Z', "I"); }

std::string table_of(std::size_t columns, const std::vector<std::vector<std::string>>& rows) {
  std::string description = number16(columns);
  for (std::size_t i = 0; i < columns; ++i) {
    description += text("c") + number32(0) + number16(0) + number32(25) + number16(0xffff) +
                   number32(0xffffffff) + number16(0);
  }
  std::string all = message('T', description);
  for (const std::vector<std::string>& row : rows) {
    std::string data = number16(row.size());
    for (const std::string& value : row) {
      data += number32(static_cast<std::uint32_t>(value.size())) + value;
    }
    all += message('D', data);
  }
  return all + done("SELECT " + std::to_string(rows.size()));
}

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::vector<std::string> split(std::string_view line, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = std::min(line.find(separator), line.size());
    parts.emplace_back(line.substr(0, end));
    if (end == line.size()) return parts;
    line.remove_prefix(end + 1);
  }
}

/// The names between the first parentheses behind `mark`, without their quotes.
std::vector<std::string> names_behind(const std::string& sql, const std::string& mark) {
  const std::size_t from = sql.find('(', sql.find(mark)) + 1;
  std::vector<std::string> names;
  for (std::string name : split(sql.substr(from, sql.find(')', from) - from), ',')) {
    name.erase(
        std::remove_if(name.begin(), name.end(), [](char c) { return c == '"' || c == ' '; }),
        name.end());
    names.push_back(name);
  }
  return names;
}

}  // namespace

StrictPostgres::StrictPostgres(std::string password)
    : password_(std::move(password)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  ::listen(listener_.get(), 16);
  socklen_t size = sizeof address;
  ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

StrictPostgres::~StrictPostgres() {
  stop_.set();
  thread_.join();
}

void StrictPostgres::serve() {
  while (true) {
    std::array<pollfd, 2> polled = {pollfd{listener_.get(), POLLIN, 0},
                                    pollfd{stop_.fd(), POLLIN, 0}};
    ::poll(polled.data(), polled.size(), -1);
    if (polled[1].revents != 0) return;
    {
      const Fd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (client) session(client.get());
    }
    ended_.set();
  }
}

bool StrictPostgres::read_exactly(int fd, std::string& into, std::size_t size) {
  into.resize(size);
  std::size_t got = 0;
  while (got < size) {
    std::array<pollfd, 3> polled = {pollfd{fd, POLLIN, 0}, pollfd{stop_.fd(), POLLIN, 0},
                                    pollfd{farewell_.fd(), POLLIN, 0}};
    ::poll(polled.data(), polled.size(), -1);
    if (polled[1].revents != 0) return false;
    if (polled[2].revents != 0) {
      farewell_.clear();
      send_all(fd,
               failure("57P01", "terminating connection due to administrator command", "FATAL"));
      return false;
    }
    const ssize_t more = ::read(fd, into.data() + got, size - got);
    if (more <= 0) return false;
    got += static_cast<std::size_t>(more);
  }
  return true;
}

bool StrictPostgres::read_message(int fd, char& type, std::string& body) {
  std::string head;
  if (!read_exactly(fd, head, 5)) return false;
  type = head[0];
  const std::uint32_t size = read32(head.substr(1));
  if (size < 4 || size > (64u << 20)) {
    fault("a message of " + std::to_string(size) + " bytes");
    return false;
  }
  return read_exactly(fd, body, size - 4);
}

void StrictPostgres::session(int fd) {
  std::string body;
  while (true) {
    std::string head;
    if (!read_exactly(fd, head, 4) || !read_exactly(fd, body, read32(head) - 4)) return;
    const std::uint32_t code = read32(body);
    if (code == kStartup) break;
    if (code != kTlsRequest && code != kGssRequest) return fault("no startup message");
    if (!send_all(fd, "N")) return;
  }
  std::string state;
  bool repeats = false;
  {
    const std::lock_guard lock(mutex_);
    ++sessions_;
    state = session_state_;
    repeats = repeats_;
  }
  char type = 0;
  if (!password_.empty()) {
    if (!send_all(fd, message('R', number32(3))) || !read_message(fd, type, body)) return;
    if (type != 'p') return fault("no password where one was asked for");
    const std::string given = body.substr(0, body.size() - 1);
    if (repeats || given != password_) {
      send_all(fd, failure("28P01", "password authentication failed: " + given, "FATAL"));
      return;
    }
  }
  if (!state.empty()) {
    send_all(fd, failure(state, "not now", "FATAL"));
    return;
  }
  send_all(fd, message('R', number32(0)) + message('S', text("server_version") + text("15.4")) +
                   message('S', text("client_encoding") + text("UTF8")) +
                   message('K', number32(1) + number32(2)) + ready());
  while (read_message(fd, type, body)) {
    if (type == 'X') return;
    if (type != 'Q') return fault(std::string("a message of type ") + type);
    if (!query(fd, body.substr(0, body.size() - 1))) return;
  }
}

bool StrictPostgres::query(int fd, const std::string& sql) {
  std::vector<std::string> columns;
  {
    const std::lock_guard lock(mutex_);
    statements_.push_back(sql);
    columns = columns_;
  }
  const auto has = [&sql](std::string_view part) { return sql.find(part) != sql.npos; };
  if (has("FROM STDIN")) return copy(fd, sql);
  if (has("set_config")) return send_all(fd, table_of(1, {{"8000ms"}}) + ready());
  if (has("pg_is_in_recovery")) return send_all(fd, table_of(1, {{"f"}}) + ready());
  if (has("pg_index")) {
    std::vector<std::vector<std::string>> rows;
    for (const std::string& column : columns) {
      if (column == "id:text") rows.push_back({"id"});
    }
    return send_all(fd, table_of(1, rows) + ready());
  }
  if (has("pg_attribute")) {
    std::vector<std::vector<std::string>> rows;
    for (const std::string& column : columns) {
      const std::vector<std::string> parts = split(column, ':');
      const std::string category = parts[1].starts_with("timestamp") ? "D"
                                   : parts[1] == "text"              ? "S"
                                                                     : "U";
      rows.push_back({parts[0], parts[1], parts[1], category, "t", "t", "t"});
    }
    return send_all(fd, table_of(7, rows) + ready());
  }
  if (sql.starts_with("CREATE TABLE IF NOT EXISTS")) {
    set_columns({"timestamp:timestamp with time zone", "level:text", "logger:text",
                 "correlation_id:text", "message:text", "event:json", "id:text"});
    return send_all(fd, done("CREATE TABLE") + done("CREATE INDEX") + ready());
  }
  fault("a statement that it does not know: " + sql);
  return send_all(fd, failure("42601", "syntax error", "ERROR") + ready());
}

bool StrictPostgres::copy(int fd, const std::string& sql) {
  const bool staged = sql.starts_with("CREATE TEMPORARY TABLE IF NOT EXISTS");
  const std::vector<std::string> columns = names_behind(sql, "COPY");
  std::string formats;
  for (std::size_t i = 0; i < columns.size(); ++i) formats += number16(0);
  std::string begin = staged ? done("CREATE TABLE") : "";
  begin += message('G', std::string(1, '\0') + number16(columns.size()) + formats);
  if (!send_all(fd, begin)) return false;
  std::string data;
  char type = 0;
  std::string body;
  while (true) {
    if (!read_message(fd, type, body)) return false;
    if (type == 'c') break;
    if (type == 'f') return send_all(fd, failure("57014", "COPY failed", "ERROR") + ready());
    if (type == 'H' || type == 'S') continue;
    if (type != 'd') {
      fault(std::string("a message of type ") + type + " within COPY");
      return false;
    }
    data += body;
  }
  std::string state;
  bool hangs = false;
  {
    const std::lock_guard lock(mutex_);
    state = copy_state_;
    hangs = hangs_;
  }
  if (hangs) {
    hanging_.set();
    return read_message(fd, type, body);
  }
  if (!state.empty()) return send_all(fd, failure(state, "refused", "ERROR") + ready());
  store(data, columns);
  std::string end = done("COPY 1");
  if (staged) end += done("INSERT 0 1");
  return send_all(fd, end + ready());
}

void StrictPostgres::store(const std::string& data, const std::vector<std::string>& columns) {
  if (!data.ends_with('\n')) return fault("a COPY that does not end with a newline");
  for (const std::string& line : split(data.substr(0, data.size() - 1), '\n')) {
    const std::vector<std::string> values = split(line, '\t');
    if (values.size() != columns.size()) return fault("a row of another size: " + line);
    std::map<std::string, std::string> row;
    for (std::size_t i = 0; i < values.size(); ++i) {
      std::string& out = row[columns[i]];
      if (values[i] == "\\N") {
        out = "(null)";
        continue;
      }
      for (std::size_t k = 0; k < values[i].size(); ++k) {
        const char c = values[i][k];
        if (c == '\r' || c == '\0') fault("a character that COPY does not take");
        if (c != '\\') {
          out += c;
          continue;
        }
        constexpr std::string_view kCodes = "bfnrtv\\";
        constexpr std::string_view kMeant = "\b\f\n\r\t\v\\";
        const std::size_t code = ++k < values[i].size() ? kCodes.find(values[i][k]) : kCodes.npos;
        if (code == kCodes.npos) return fault("an escape that the sink has no use for: " + line);
        out += kMeant[code];
      }
    }
    const std::lock_guard lock(mutex_);
    const auto same = [&](const auto& known) {
      const auto id = known.find("id");
      return id != known.end() && row.count("id") != 0 && id->second == row["id"];
    };
    if (std::none_of(rows_.begin(), rows_.end(), same)) rows_.push_back(std::move(row));
  }
  const std::lock_guard lock(mutex_);
  copied_bytes_ += data.size();
}

void StrictPostgres::fault(std::string what) {
  const std::lock_guard lock(mutex_);
  faults_ += what + "\n";
}

void StrictPostgres::refuse_copies(std::string state) {
  const std::lock_guard lock(mutex_);
  copy_state_ = std::move(state);
}
void StrictPostgres::refuse_sessions(std::string state) {
  const std::lock_guard lock(mutex_);
  session_state_ = std::move(state);
}
void StrictPostgres::repeat_password() {
  const std::lock_guard lock(mutex_);
  repeats_ = true;
}
void StrictPostgres::hang() {
  const std::lock_guard lock(mutex_);
  hangs_ = true;
}
void StrictPostgres::wait_until_hanging() {
  pollfd polled{hanging_.fd(), POLLIN, 0};
  ::poll(&polled, 1, -1);
}
void StrictPostgres::end_session() {
  ended_.clear();
  farewell_.set();
  pollfd polled{ended_.fd(), POLLIN, 0};
  ::poll(&polled, 1, -1);
}
void StrictPostgres::set_columns(std::vector<std::string> columns) {
  const std::lock_guard lock(mutex_);
  columns_ = std::move(columns);
}
std::vector<std::map<std::string, std::string>> StrictPostgres::rows() const {
  const std::lock_guard lock(mutex_);
  return rows_;
}
std::uint64_t StrictPostgres::copied_bytes() const {
  const std::lock_guard lock(mutex_);
  return copied_bytes_;
}
std::size_t StrictPostgres::sessions() const {
  const std::lock_guard lock(mutex_);
  return sessions_;
}
std::string StrictPostgres::faults() const {
  const std::lock_guard lock(mutex_);
  return faults_;
}
std::vector<std::string> StrictPostgres::statements() const {
  const std::lock_guard lock(mutex_);
  return statements_;
}

}  // namespace ship::testing
