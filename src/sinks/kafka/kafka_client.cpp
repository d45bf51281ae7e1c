#include "sinks/kafka/kafka_client.hpp"

#include <algorithm>
#include <array>
#include <future>
#include <librdkafka/rdkafka.h>
#include <mutex>
#include <syslog.h>
#include <thread>
#include <utility>
#include <vector>

#include "base/parked_thread.hpp"
#include "net/answer_text.hpp"
#include "net/trust_store.hpp"

namespace ship {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kEnding{100};
constexpr std::size_t kMaxReasonBytes = 400;

struct ConfDeleter {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
};
using Conf = std::unique_ptr<rd_kafka_conf_t, ConfDeleter>;
using Properties = std::vector<std::pair<std::string, std::string>>;

std::string number(std::uint64_t n, std::uint64_t least, std::uint64_t most) {
  return std::to_string(std::clamp(n, least, most));
}

std::string protocol(const KafkaSinkSettings& settings) {
  if (settings.username.empty()) return settings.tls ? "ssl" : "plaintext";
  return settings.tls ? "sasl_ssl" : "sasl_plaintext";
}

Properties connection_properties(const KafkaSinkSettings& settings, const std::string& password) {
  const auto timeout = static_cast<std::uint64_t>(settings.request_timeout.count());
  Properties all = {
      {"client.id", "fapilog-ship"},
      {"security.protocol", protocol(settings)},
      {"log.connection.close", "false"},
      {"socket.keepalive.enable", "true"},
      {"socket.timeout.ms", number(timeout, 10, 300'000)},
      {"socket.connection.setup.timeout.ms", number(timeout, 1000, 300'000)},
  };
  const auto add = [&all](const char* name, const std::string& value) {
    if (!value.empty()) all.emplace_back(name, value);
  };
  if (!settings.username.empty()) {
    add("sasl.mechanisms", settings.sasl_mechanism);
    add("sasl.username", settings.username);
    add("sasl.password", password);
  }
  add("ssl.ca.location", settings.ca_file);
  add("ssl.certificate.location", settings.cert_file);
  add("ssl.key.location", settings.key_file);
  if (!settings.tls_verify) add("enable.ssl.certificate.verification", "false");
  return all;
}

Properties producer_properties(const KafkaSinkSettings& settings) {
  const auto timeout = static_cast<std::uint64_t>(settings.request_timeout.count());
  const bool idempotent = settings.acks == "all";
  // A batch may be a single record larger than the limit; keys come on top.
  const std::uint64_t bytes = 2 * settings.batch_max_bytes + (std::uint64_t{2} << 20);
  return {
      {"acks", settings.acks},
      {"enable.idempotence", idempotent ? "true" : "false"},
      // Without sequence numbers a retry would overtake requests in flight.
      {"max.in.flight.requests.per.connection", idempotent ? "5" : "1"},
      {"compression.type", settings.compression},
      // Assigns keys to partitions as the Java clients do.
      {"partitioner", "murmur2_random"},
      {"linger.ms", "1"},
      {"message.timeout.ms", "0"},
      {"request.timeout.ms", number(timeout, 1, 900'000)},
      {"topic.metadata.propagation.max.ms", number(timeout / 2, 1, 5'000)},
      {"queue.buffering.max.messages", number(settings.batch_size, 1, 10'000'000)},
      {"queue.buffering.max.kbytes", number(bytes >> 10, 1, 2'097'151)},
  };
}

Result<Conf> make_conf(const KafkaSinkSettings& settings, KafkaClient::Role role,
                       const std::string& password, bool offline) {
  Conf conf(rd_kafka_conf_new());
  Properties all = connection_properties(settings, password);
  const auto names_authorities = [](const auto& property) {
    return property.first.starts_with("ssl.ca");
  };
  if (settings.tls && settings.tls_verify && settings.ca_file.empty() && !offline &&
      std::none_of(settings.properties.begin(), settings.properties.end(), names_authorities)) {
    Result<TrustStore> trust = system_trust();
    if (!trust) return std::move(trust).error();
    const TrustStore& store = trust.value();
    all.emplace_back("ssl.ca.location", store.file.empty() ? store.directory : store.file);
  }
  if (role == KafkaClient::Role::producer) {
    const Properties more = producer_properties(settings);
    all.insert(all.end(), more.begin(), more.end());
  }
  if (!offline) all.emplace_back("bootstrap.servers", settings.brokers);
  all.insert(all.end(), settings.properties.begin(), settings.properties.end());
  for (const auto& [name, value] : all) {
    std::array<char, 512> why{};
    if (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), why.data(), why.size()) !=
        RD_KAFKA_CONF_OK) {
      return Error{ErrorKind::config, "librdkafka does not take " + name + ": " + why.data()};
    }
  }
  return conf;
}

}  // namespace

struct KafkaClient::Voice {
  std::mutex mutex;
  LogFunction log;  ///< empty once the client is gone
  KafkaClient* client = nullptr;
};

struct KafkaClient::Callbacks {
  static void on_log(const rd_kafka_t* handle, int level, const char* facility, const char* text) {
    auto* voice = static_cast<Voice*>(rd_kafka_opaque(handle));
    const std::lock_guard lock(voice->mutex);
    if (!voice->log) return;
    const bool of_a_setting = level <= LOG_WARNING && std::string_view(facility) == "CONFWARN";
    voice->log(of_a_setting ? LogLevel::warning : LogLevel::debug,
               "librdkafka: " + one_line(text, kMaxReasonBytes));
  }

  static void on_error(rd_kafka_t*, int code, const char* reason, void* opaque) {
    static_cast<Voice*>(opaque)->client->on_error(code, reason);
  }

  static void on_report(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    const KafkaClient& client = *static_cast<Voice*>(opaque)->client;
    if (client.listener_) client.listener_->on_report(message->_private, message->err);
  }
};

Result<std::unique_ptr<KafkaClient>> KafkaClient::make(const KafkaSinkSettings& settings, Role role,
                                                       LogFunction log, Listener* listener,
                                                       bool offline) {
  std::string password;
  if (!settings.password.empty()) {
    Result<std::string> revealed = settings.password.reveal();
    if (!revealed) return std::move(revealed).error().in("password");
    password = std::move(revealed).value();
  }
  // Checked before librdkafka reads them: a change in between is noticed later.
  TlsFiles tls_files(settings.ca_file, settings.cert_file, settings.key_file);
  if (Result<void> usable = tls_files.check(); !usable) return std::move(usable).error();
  Result<Conf> made = make_conf(settings, role, password, offline);
  if (!made) return std::move(made).error();
  Conf conf = std::move(made).value();

  std::unique_ptr<KafkaClient> client(new KafkaClient);
  client->voice_ = std::make_unique<Voice>();
  client->voice_->log = std::move(log);
  client->voice_->client = client.get();
  client->listener_ = listener;
  client->tls_files_ = std::move(tls_files);
  client->username_ = settings.username;
  client->password_ = settings.password;
  client->password_text_ = std::move(password);
  rd_kafka_conf_set_opaque(conf.get(), client->voice_.get());
  rd_kafka_conf_set_log_cb(conf.get(), Callbacks::on_log);
  rd_kafka_conf_set_error_cb(conf.get(), Callbacks::on_error);
  if (role == Role::producer) rd_kafka_conf_set_dr_msg_cb(conf.get(), Callbacks::on_report);
  std::array<char, 512> why{};
  client->handle_ = rd_kafka_new(role == Role::producer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER,
                                 conf.get(), why.data(), why.size());
  if (client->handle_ == nullptr) {
    return Error{ErrorKind::config,
                 "librdkafka refuses the settings: " + one_line(why.data(), kMaxReasonBytes)};
  }
  static_cast<void>(conf.release());  // owned by the handle from here on
  return client;
}

KafkaClient::~KafkaClient() {
  if (handle_ == nullptr) return;
  {
    const std::lock_guard lock(voice_->mutex);
    voice_->log = nullptr;
  }
  rd_kafka_purge(
      handle_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
  // A librdkafka thread may hang in the resolver, and nobody should wait for that. If no thread can
  // be made, the handle stays, with what its callbacks use.
  struct Remains {
    rd_kafka_t* handle;
    std::unique_ptr<Voice> voice;
    std::string buried;
    std::promise<void> ended;
  };
  auto* const remains = new Remains{handle_, std::move(voice_), std::move(buried_), {}};
  const std::future<void> end = remains->ended.get_future();
  auto thread = start_thread([remains] {
    rd_kafka_destroy(remains->handle);
    remains->ended.set_value();
    delete remains;
  });
  if (!thread) return;
  thread.value().detach();
  end.wait_for(kEnding);
}

void KafkaClient::poll(milliseconds wait) {
  rd_kafka_poll(handle_, static_cast<int>(wait.count()));
}

void KafkaClient::interrupt() {
  rd_kafka_queue_t* queue = rd_kafka_queue_get_main(handle_);
  rd_kafka_queue_yield(queue);
  rd_kafka_queue_destroy(queue);
}

void KafkaClient::all_is_well() {
  trouble_.reset();
  last_failure_.clear();
}

void KafkaClient::on_error(int code, const char* reason) {
  std::string text = one_line(reason, kMaxReasonBytes);
  // Durations and counts differ each time; the same problem should have the same text.
  text.resize(std::min(text.find(" (after "), text.size()));
  switch (code) {
    case RD_KAFKA_RESP_ERR__FATAL: {
      std::array<char, 512> why{};
      const int cause = rd_kafka_fatal_error(handle_, why.data(), why.size());
      fatal_ = KafkaTrouble{cause, one_line(why.data(), kMaxReasonBytes)};
      if (kafka_kind(cause) == Verdict::Kind::hold) {
        fatal_->reason += "; " + describe_kafka_code(cause);
      }
      break;
    }
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__SSL:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      trouble_ = KafkaTrouble{code, text + "; " + describe_kafka_code(code)};
      break;
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
      if (!trouble_) {
        trouble_ = KafkaTrouble{
            code, "no broker can be reached: " + (last_failure_.empty() ? text : last_failure_)};
      }
      break;
    default:
      last_failure_ = text;
      break;
  }
}

bool KafkaClient::tls_files_changed() {
  tls_changed_ = tls_files_.changed() || tls_changed_;
  return tls_changed_;
}

Result<void> KafkaClient::refresh_credentials() {
  if (password_.path().empty()) return {};
  Result<std::string> revealed = password_.reveal();
  if (!revealed) return std::move(revealed).error().in("password_file");
  if (revealed.value() == password_text_) return {};
  password_text_ = std::move(revealed).value();
  if (rd_kafka_error_t* error =
          rd_kafka_sasl_set_credentials(handle_, username_.c_str(), password_text_.c_str())) {
    std::string why = rd_kafka_error_string(error);
    rd_kafka_error_destroy(error);
    return Error{ErrorKind::config, "password_file: " + why};
  }
  return {};
}

}  // namespace ship
