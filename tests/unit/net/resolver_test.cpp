#include <condition_variable>
#include <dlfcn.h>
#include <future>
#include <mutex>
#include <netdb.h>

#include "net/http_client.hpp"
#include "tests/catch.hpp"

namespace ship {
namespace {

/// A name whose look-up hangs like one whose name server never answers, until it is let go.
class HangingName {
 public:
  static constexpr const char* kName = "never-answers.invalid";

  int look_up() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return !hanging_; });
    --waiting_;
    changed_.notify_all();
    return EAI_AGAIN;
  }
  void wait_until_asked() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ > 0; });
  }
  void let_go() {
    std::unique_lock lock(mutex_);
    hanging_ = false;
    changed_.notify_all();
    changed_.wait(lock, [&] { return waiting_ == 0; });
    hanging_ = true;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool hanging_ = true;
  int waiting_ = 0;
};

HangingName& hanging_name() {
  static HangingName* const name = new HangingName;
  return *name;
}

HttpRequest request_to_nowhere() {
  HttpRequest request;
  request.url = std::string("http://") + HangingName::kName + ":3100/";
  request.body = "x";
  return request;
}

HttpTransport transport_to_nowhere(std::chrono::milliseconds timeout) {
  HttpTransport transport;
  transport.url = request_to_nowhere().url;
  transport.proxy = "none";
  transport.request_timeout = timeout;
  return transport;
}

}  // namespace

TEST_CASE("http client: a resolver that never answers holds up neither stop nor end",
          "[http][resolver]") {
  // Were either of them held up, this test would not end: the look-up is let go only afterwards.
  auto client = std::move(make_curl_client(transport_to_nowhere(std::chrono::hours(1)))).value();
  std::stop_source stop;
  auto result = std::async(std::launch::async,
                           [&] { return client->perform(request_to_nowhere(), stop.get_token()); });
  hanging_name().wait_until_asked();
  stop.request_stop();
  const Result<HttpResponse> stopped = result.get();
  REQUIRE(!stopped);
  CHECK(stopped.error().kind == ErrorKind::transient);
  client.reset();
  hanging_name().let_go();
}

TEST_CASE("http client: a resolver that never answers is a timeout", "[http][resolver]") {
  auto client =
      std::move(make_curl_client(transport_to_nowhere(std::chrono::milliseconds(50)))).value();
  const Result<HttpResponse> result = client->perform(request_to_nowhere(), {});
  REQUIRE(!result);
  CHECK(result.error().kind == ErrorKind::transient);
  CHECK(result.error().message ==
        "never-answers.invalid:3100: the name was not resolved within 50ms");
  client.reset();
  hanging_name().wait_until_asked();
  hanging_name().let_go();
}

}  // namespace ship

// The program's own definition comes before the C library's, for libcurl too.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                           addrinfo** result) {
  if (node != nullptr && std::string_view(node) == ship::HangingName::kName) {
    return ship::hanging_name().look_up();
  }
  using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto real = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  return real(node, service, hints, result);
}
