#include "net/trust_store.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include "tests/catch.hpp"

namespace ship {
namespace {

/// A root of its own, and an environment without SSL_CERT_FILE and SSL_CERT_DIR; both as before in
/// the end.
class Root {
 public:
  Root() : path_(std::filesystem::temp_directory_path() / ("trust." + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path_);
    clear();
  }
  ~Root() {
    clear();
    std::filesystem::remove_all(path_);
  }
  std::string put(const std::string& file) const {
    const std::filesystem::path path = path_.string() + file;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << "x";
    return path.string();
  }
  TrustStore find() const {
    Result<TrustStore> found = system_trust(path_.string());
    REQUIRE(found);
    return found.value();
  }
  std::string path() const { return path_.string(); }

 private:
  static void clear() {
    ::unsetenv("SSL_CERT_FILE");
    ::unsetenv("SSL_CERT_DIR");
  }
  std::filesystem::path path_;
};

}  // namespace

TEST_CASE(
    "trust store: the first of the distributions' files is taken, and a directory that has any",
    "[trust]") {
  const Root root;
  std::filesystem::create_directories(root.path() + "/etc/ssl/certs");
  const std::string suse = root.put("/etc/ssl/ca-bundle.pem");
  CHECK(root.find().file == suse);
  CHECK(root.find().directory.empty());
  const std::string red_hat = root.put("/etc/pki/tls/certs/ca-bundle.crt");
  CHECK(root.find().file == red_hat);
  CHECK(root.find().directory == root.path() + "/etc/pki/tls/certs");
  const std::string debian = root.put("/etc/ssl/certs/ca-certificates.crt");
  CHECK(root.find().file == debian);
  CHECK(root.find().directory == root.path() + "/etc/ssl/certs");
}

TEST_CASE("trust store: the environment takes the place of all of them", "[trust]") {
  const Root root;
  root.put("/etc/ssl/certs/ca-certificates.crt");
  const std::string own = root.put("/own.pem");
  ::setenv("SSL_CERT_FILE", own.c_str(), 1);
  CHECK(root.find().file == own);
  CHECK(root.find().directory.empty());
  ::setenv("SSL_CERT_FILE", "/no/such/file", 1);
  const Result<TrustStore> missing = system_trust(root.path());
  REQUIRE(!missing.ok());
  CHECK(missing.error().kind == ErrorKind::config);
  CHECK(missing.error().message ==
        "cannot read the SSL_CERT_FILE /no/such/file: No such file or directory");
  ::unsetenv("SSL_CERT_FILE");
  ::setenv("SSL_CERT_DIR", root.path().c_str(), 1);
  CHECK(root.find().file.empty());
  CHECK(root.find().directory == root.path());
}

TEST_CASE("trust store: without any it says what to install", "[trust]") {
  const Root root;
  const Result<TrustStore> none = system_trust(root.path());
  REQUIRE(!none.ok());
  CHECK(none.error().kind == ErrorKind::config);
  CHECK(none.error().message.find("install the package ca-certificates, or set SSL_CERT_FILE") !=
        std::string::npos);
}

}  // namespace ship
